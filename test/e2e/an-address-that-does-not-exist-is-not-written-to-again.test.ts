import { expect, test } from 'bun:test'
import { HOUR, SECOND } from '../../src/core/time.ts'
import { AUTHORIZED, idIn, type Lab, startLab } from '../support/appliance.ts'
import { eventOf, story } from '../support/lab-answers.ts'
import { until } from '../support/until.ts'

const listed = async (lab: Lab, address: string) => {
  const answer = await lab.fetch(`/v1/suppressions/${encodeURIComponent(address)}`, { headers: AUTHORIZED })
  return {
    status: answer.status,
    body: (await answer.json()) as { data?: Record<string, unknown>[] },
  }
}

/** Followers look every half second. */
async function untilListed(lab: Lab, address: string): Promise<Record<string, unknown>> {
  let found: Record<string, unknown> | undefined
  await until(`${address} is listed`, async () => {
    await lab.advance(SECOND)
    found = (await listed(lab, address)).body.data?.[0]
    return found !== undefined
  })
  if (!found) throw new Error('not listed')
  return found
}

test('after 550 5.1.1 the next mail is accepted, not sent, and says why; when its time is over it is tried again', async () => {
  await using lab = await startLab({
    mx: { at: { RCPT: '550 5.1.1 no such user' } },
    config: { 'suppression.hard_bounce': '1h' },
  })
  const first = await lab.ended(await lab.sent())
  expect(story(first)).toEqual(['queued', 'bounced'])
  const entry = await untilListed(lab, 'Rcpt@example.net')
  expect(entry).toMatchObject({
    address: 'rcpt@example.net',
    scope: 'all',
    reason: 'hard_bounce',
    note: '550 5.1.1 no such user',
    event_id: eventOf(first, 'bounced').id,
  })
  const second = await lab.send({ to: 'RCPT@example.net' })
  expect(second.status).toBe(200)
  expect(second.body).toMatchObject({ status: 'suppressed' })
  const view = await lab.message(String(second.body.message_id))
  expect(story(view)).toEqual(['suppressed'])
  expect(eventOf(view, 'suppressed')).toMatchObject({
    reason: expect.stringMatching(/^hard bounce on 2026-/),
  })

  await lab.advance(HOUR)
  const third = await lab.sent()
  expect(story(await lab.ended(third))).toEqual(['queued', 'bounced'])
})

test('a refusal for our reputation suppresses nobody', async () => {
  await using lab = await startLab({ mx: { at: { DATA: '550 5.7.1 your IP has a poor reputation' } } })
  await lab.ended(await lab.sent())
  await lab.advance(5 * SECOND)
  expect((await listed(lab, 'rcpt@example.net')).status).toBe(404)
})

test('who is put on the list while mail waits gets none of it, and may be let go on', async () => {
  await using lab = await startLab({ mx: { at: { RCPT: '451 4.3.0 later' } } })
  const id = await lab.sent()
  await lab.tried(id, 1)
  const put = await lab.post('/v1/suppressions', { address: 'rcpt@example.net', note: 'by phone' })
  expect(put.status).toBe(200)
  await lab.advance(120 * SECOND)
  expect(story(await lab.ended(id))).toEqual(['queued', 'deferred', 'suppressed'])
  expect((await lab.send()).body).toMatchObject({ status: 'suppressed' })
  const removed = await lab.fetch('/v1/suppressions/rcpt@example.net', {
    method: 'DELETE',
    headers: AUTHORIZED,
  })
  expect(await removed.json()).toEqual({ success: true, removed: 1 })
  expect((await lab.send()).body).toMatchObject({ status: 'queued' })
})

test('marketing alone stops for who is listed for marketing', async () => {
  await using lab = await startLab()
  await lab.post('/v1/suppressions', {
    address: 'rcpt@example.net',
    scope: 'marketing',
    reason: 'unsubscribe',
  })
  const headers = { 'X-MailWok-Stream': 'marketing', 'List-Unsubscribe': '<https://example.com/u>' }
  const marketing = idIn(await lab.submit({ headers, subject: 'News', text: 'News.' }))
  expect(story(await lab.ended(marketing))).toEqual(['suppressed'])
  expect((await lab.send()).body).toMatchObject({ status: 'queued' })
})
