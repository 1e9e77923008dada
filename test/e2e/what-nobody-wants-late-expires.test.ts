import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { eventOf, story } from '../support/lab-answers.ts'

const MINUTE = 60_000

test('expires_after ends the retries: a soft bounce that says expired and keeps the last words', async () => {
  await using lab = await startLab({ mx: { at: { RCPT: '450 4.2.0 greylisted' } } })
  const id = await lab.sent({ expires_after: '10m' })
  await lab.tried(id, 1)
  await lab.advance(MINUTE + 1000)
  await lab.tried(id, 2)
  await lab.advance(5 * MINUTE + 1000)
  const third = await lab.tried(id, 3)
  // The fourth attempt would come after the tenth minute: it is made just before.
  const last = Date.parse(eventOf(third, 'deferred').next_attempt_at)
  const left = Date.parse(third.events[0]?.timestamp ?? '') + 10 * MINUTE - last
  expect(left).toBeGreaterThan(10_000)
  expect(left).toBeLessThan(60_000)
  await lab.advance(4 * MINUTE)
  const view = await lab.ended(id)
  expect(story(view)).toEqual(['queued', 'deferred', 'deferred', 'deferred', 'bounced'])
  expect(eventOf(view, 'bounced').bounce).toMatchObject({
    type: 'soft',
    reason: 'expired',
    enhanced_code: '4.2.0',
    diagnostic: '450 4.2.0 greylisted',
  })
  expect(lab.mx.messages).toEqual([])
})

test('what expired while it was held is not tried any more', async () => {
  await using lab = await startLab({ mx: { at: { RCPT: '450 4.2.0 greylisted' } } })
  const id = await lab.sent({ expires_after: '10m' })
  await lab.tried(id, 1)
  const all = { message: id, destination: null, account: null, key: null }
  expect(await lab.admin.queueCommand({ ...all, command: 'hold' })).toEqual({ ok: true, value: { moved: 1 } })
  await lab.advance(11 * MINUTE)
  const before = lab.mx.commands.length
  await lab.admin.queueCommand({ ...all, command: 'release' })
  const view = await lab.ended(id)
  expect(eventOf(view, 'bounced').bounce).toMatchObject({ type: 'soft', reason: 'expired' })
  expect(lab.mx.commands.slice(before).filter((line) => line.includes('RCPT'))).toEqual([])
})
