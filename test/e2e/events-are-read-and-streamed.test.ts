import { expect, test } from 'bun:test'
import { AUTHORIZED, type Lab, startLab } from '../support/appliance.ts'
import { listen } from '../support/event-stream.ts'
import { until } from '../support/until.ts'

interface Page {
  readonly data: readonly { readonly event: string; readonly recipient: string; readonly metadata: unknown }[]
  readonly has_more: boolean
  readonly next: string
}

const read = async (lab: Lab, query = ''): Promise<Page> => {
  const answer = await lab.fetch(`/v1/events${query}`, { headers: AUTHORIZED })
  return (await answer.json()) as Page
}

test('the log is read page by page, by type, message, recipient and time', async () => {
  await using lab = await startLab()
  const first = await lab.sent({ to: 'ann@example.net', tags: ['x'] })
  await lab.ended(first)
  const between = new Date(lab.clock.now() + 30_000).toISOString()
  await lab.advance(60_000)
  await lab.ended(await lab.sent({ to: 'bob@example.net' }))
  const short = ({ data }: Page) => data.map(({ event, recipient }) => `${event} ${recipient}`)
  const all = [
    'email.queued ann@example.net',
    'email.delivered ann@example.net',
    'email.queued bob@example.net',
    'email.delivered bob@example.net',
  ]
  expect(short(await read(lab))).toEqual(all)
  expect(short(await read(lab, '?order=desc'))).toEqual([...all].reverse())
  expect((await read(lab)).data[0]?.metadata).toEqual({ tags: ['x'], ip: null, user_agent: null })
  const page = await read(lab, '?limit=3')
  expect(page.has_more).toBe(true)
  expect(short(await read(lab, `?after=${page.next}`))).toEqual(all.slice(3))
  expect(short(await read(lab, '?type=email.delivered'))).toEqual([all[1], all[3]] as string[])
  expect(short(await read(lab, `?message_id=${first}`))).toEqual(all.slice(0, 2))
  expect(short(await read(lab, '?recipient=bob@example.net'))).toEqual(all.slice(2))
  expect(short(await read(lab, `?since=${between}`))).toEqual(all.slice(2))
  expect(short(await read(lab, `?until=${between}`))).toEqual(all.slice(0, 2))
})

test.each([
  '?type=email.sent',
  '?after=x',
  '?message_id=1',
  '?since=now',
  '?limit=0',
  '?order=up',
  '?sort=asc',
])('%s is refused', async (query) => {
  await using lab = await startLab()
  const answer = await lab.fetch(`/v1/events${query}`, { headers: AUTHORIZED })
  expect(answer.status).toBe(422)
})

test('a stream tells what happens, goes on where it was cut, and does not hold a stop', async () => {
  await using lab = await startLab()
  await lab.ended(await lab.sent())
  const stream = await listen(lab)
  await until('it is open', () => stream.text().includes('retry:'))
  await lab.sent()
  await lab.meanwhile(until('both were told', () => stream.events().length === 2))
  expect(stream.events()).toEqual(['email.queued', 'email.delivered'])
  const place = stream.lastId()
  await stream.close()
  await lab.ended(await lab.sent())
  const again = await listen(lab, { 'last-event-id': place }, '?type=email.delivered')
  await lab.meanwhile(until('what was missed is told', () => again.events().length === 1))
  expect(again.events()).toEqual(['email.delivered'])
  const bad = await listen(lab, { 'last-event-id': 'x' })
  expect(bad.status).toBe(422)
  await lab.stop()
  await until('it has ended', () => again.hasEnded())
})
