import { expect, test } from 'bun:test'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import { AUTHORIZED, idIn, type Lab, must, startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'
import { fieldOf } from '../support/message.ts'
import { until } from '../support/until.ts'

const iso = (at: number): string => new Date(at).toISOString()
const dateLine = (at: number): string => new Date(at).toUTCString().replace('GMT', '+0000')

/** So that a Date can tell the one from the other to the second. */
const ahead = (lab: Lab, by: number): number => Math.ceil(lab.clock.now() / SECOND) * SECOND + by

test('it is accepted now, waits, and leaves within a second of its time, dated then', async () => {
  await using lab = await startLab()
  const at = ahead(lab, HOUR)
  const { status, body } = await lab.send({ to: ['a@example.net', 'b@example.net'], scheduled_at: iso(at) })
  expect(status).toBe(200)
  expect<unknown>(body).toEqual({
    success: true,
    message_id: expect.any(String),
    status: 'scheduled',
    estimated_delivery: iso(at),
    scheduled_at: iso(at),
  })
  expect(await lab.message(body.message_id)).toMatchObject({
    status: 'scheduled',
    scheduled_at: iso(at),
    expires_at: iso(at + 5 * DAY),
    deliveries: [{ status: 'scheduled', next_attempt_at: iso(at) }, { status: 'scheduled' }],
  })
  const waits = must(await lab.admin.messageExplain({ id: body.message_id }))
  expect(waits.recipients[0]?.what_happens_next).toMatch(
    /^It is scheduled: it leaves at 2026-01-02 0.:00:.. UTC, in (?:5\d minutes|1 hour), unless/,
  )
  await lab.advance(at - lab.clock.now() - 1)
  expect(lab.mx.messages).toEqual([])
  await lab.advance(SECOND)
  const view = await lab.ended(body.message_id)
  expect(view.deliveries.map((one) => one.status)).toEqual(['delivered', 'delivered'])
  expect(view.events.find(({ event }) => event === 'email.delivered')?.elapsed_ms).toBeLessThanOrEqual(SECOND)
  const done = must(await lab.admin.messageExplain({ id: body.message_id }))
  expect(done.recipients[0]?.what_happened).toContain('after the time for which it was scheduled')
  const [letter] = lab.mx.messages
  expect(fieldOf(letter?.bytes ?? Buffer.alloc(0), 'date')).toBe(dateLine(at))
  expect((await lab.dkim(letter?.bytes ?? Buffer.alloc(0))).every(({ result }) => result === 'pass')).toBe(
    true,
  )
})

test('over SMTP by its header, which nobody sees; the Date is that of its time', async () => {
  await using lab = await startLab()
  const at = ahead(lab, 2 * HOUR)
  const zoned = iso(at + HOUR).replace('.000Z', '+01:00')
  const id = idIn(await lab.submit({ subject: 'x', text: 'y', headers: { 'X-MailWok-Scheduled-At': zoned } }))
  expect(await lab.message(id)).toMatchObject({ status: 'scheduled', scheduled_at: iso(at) })
  await lab.advance(2 * HOUR + 2 * SECOND)
  await lab.ended(id)
  const text = lab.mx.messages[0]?.bytes.toString('latin1') ?? ''
  expect(text).not.toMatch(/x-mailwok/i)
  expect(text.match(/^date:/gim)).toHaveLength(1)
  expect(text).toContain(`Date: ${dateLine(at)}`)
})

test('a restart keeps its time, and one that is due meanwhile leaves with the next start', async () => {
  await using lab = await startLab()
  const soon = await lab.sent({ scheduled_at: iso(ahead(lab, MINUTE)) })
  const later = await lab.sent({ scheduled_at: iso(ahead(lab, HOUR)) })
  await lab.stop()
  lab.clock.advance(10 * MINUTE)
  await lab.start()
  expect((await lab.ended(soon)).status).toBe('delivered')
  expect((await lab.message(later)).status).toBe('scheduled')
  await lab.advance(50 * MINUTE + 2 * SECOND)
  expect((await lab.ended(later)).status).toBe('delivered')
})

test('another time for all of it: later, earlier, now; what has begun keeps what it has', async () => {
  await using lab = await startLab()
  const id = await lab.sent({ to: ['a@example.net', 'b@example.net'], scheduled_at: iso(ahead(lab, HOUR)) })
  const later = ahead(lab, 3 * HOUR)
  for (let twice = 0; twice < 2; twice++) {
    expect((await patch(lab, id, iso(later))).body).toMatchObject({
      status: 'scheduled',
      scheduled_at: iso(later),
      rescheduled: 2,
      recipients: [{ recipient: 'a@example.net', status: 'scheduled' }, { status: 'scheduled' }],
    })
  }
  await lab.advance(HOUR + 2 * SECOND)
  expect(lab.mx.messages).toEqual([])
  const sooner = ahead(lab, MINUTE)
  expect((await patch(lab, id, iso(sooner))).status).toBe(200)
  expect((await lab.message(id)).expires_at).toBe(iso(sooner + 5 * DAY))
  await lab.advance(MINUTE + 2 * SECOND)
  await lab.ended(id)
  expect(lab.mx.messages.map(({ bytes }) => fieldOf(bytes, 'date'))).toEqual([
    dateLine(sooner),
    dateLine(sooner),
  ])
  expect((await patch(lab, id, iso(ahead(lab, HOUR)))).body.error.code).toBe('already_begun')
  const hasty = await lab.sent({ scheduled_at: iso(ahead(lab, DAY)) })
  expect((await patch(lab, hasty, iso(lab.clock.now() - MINUTE))).status).toBe(200)
  expect((await lab.ended(hasty)).status).toBe('delivered')
  const plain = await lab.sent()
  expect((await patch(lab, plain, iso(ahead(lab, HOUR)))).body.error.code).toBe('already_begun')
})

test('cancelled before its time it never leaves; a second time says the same', async () => {
  await using lab = await startLab()
  const id = await lab.sent({ to: ['a@example.net', 'b@example.net'], scheduled_at: iso(ahead(lab, HOUR)) })
  const first = await lab.post(`/v1/email/${id}/cancel`, '')
  expect(first.body).toMatchObject({ status: 'cancelled', cancelled: 2 })
  const again = await lab.post(`/v1/email/${id}/cancel`, '')
  expect(again.body).toMatchObject({ success: true, status: 'cancelled', cancelled: 0 })
  await lab.advance(HOUR + 2 * SECOND)
  const view = await lab.message(id)
  expect(story(view)).toEqual(['queued', 'queued', 'cancelled', 'cancelled'])
  expect(view.events.slice(2).map(({ reason }) => reason)).toEqual([
    'cancelled by the sender',
    'cancelled by the sender',
  ])
  expect(lab.mx.messages).toEqual([])
  expect((await patch(lab, id, iso(ahead(lab, HOUR)))).body.error.code).toBe('already_begun')
  const done = await lab.sent()
  await lab.ended(done)
  expect((await lab.post(`/v1/email/${done}/cancel`, '')).body.error.code).toBe('nothing_waits')
})

test('what is with the receiver at this moment is not cancelled, and says so', async () => {
  await using lab = await startLab({ mx: { at: { BODY: { slow: 700 } } } })
  const id = await lab.sent({ to: ['slow@example.net'] })
  await until('it is under way', () => lab.mx.connections > 0)
  const { body } = await lab.post(`/v1/email/${id}/cancel`, '')
  expect(body).toMatchObject({
    status: 'queued',
    cancelled: 0,
    recipients: [{ recipient: 'slow@example.net', status: 'under_way' }],
  })
  expect((await lab.ended(id)).status).toBe('delivered')
})

test('retry brings forward what was put off and lets go what is held, never what is scheduled', async () => {
  let greylisting = true
  await using lab = await startLab({
    mx: { at: (moment) => (moment === 'RCPT' && greylisting ? '450 4.2.0 later' : undefined) },
  })
  const id = await lab.sent()
  await lab.tried(id, 1)
  greylisting = false
  expect((await lab.post(`/v1/email/${id}/retry`, '')).body).toMatchObject({ success: true, retried: 1 })
  expect(story(await lab.ended(id))).toEqual(['queued', 'deferred', 'delivered'])
  expect((await lab.post(`/v1/email/${id}/retry`, '')).body.error.code).toBe('nothing_waits')
  const at = ahead(lab, HOUR)
  const planned = await lab.sent({ scheduled_at: iso(at) })
  expect((await lab.post(`/v1/email/${planned}/retry`, '')).body.error.code).toBe('nothing_waits')
  const all = { message: null, destination: null, account: null, key: null } as const
  expect(must(await lab.admin.queueCommand({ ...all, command: 'flush' })).moved).toBe(0)
  expect(must(await lab.admin.queueCommand({ ...all, command: 'hold', message: planned })).moved).toBe(1)
  expect((await lab.message(planned)).status).toBe('held')
  expect((await lab.post(`/v1/email/${planned}/retry`, '')).body).toMatchObject({
    retried: 1,
    status: 'scheduled',
  })
  expect((await lab.message(planned)).deliveries[0]?.next_attempt_at).toBe(iso(at))
  await lab.advance(HOUR + 2 * SECOND)
  expect((await lab.ended(planned)).status).toBe('delivered')
})

test('whom nobody may write to by then is not written to', async () => {
  await using lab = await startLab()
  const id = await lab.sent({ scheduled_at: iso(ahead(lab, HOUR)) })
  expect((await lab.post('/v1/suppressions', { address: 'rcpt@example.net' })).status).toBe(200)
  await lab.advance(HOUR + 2 * SECOND)
  expect(story(await lab.ended(id))).toEqual(['queued', 'suppressed'])
  expect(lab.mx.messages).toEqual([])
})

test('of many who give it a time at once one is the last, and its Date is that time', async () => {
  await using lab = await startLab()
  const id = await lab.sent({ scheduled_at: iso(ahead(lab, HOUR)) })
  const patch = (hours: number) =>
    lab.fetch(`/v1/email/${id}`, {
      method: 'PATCH',
      headers: { ...AUTHORIZED, 'content-type': 'application/json' },
      body: JSON.stringify({ scheduled_at: iso(ahead(lab, hours * HOUR)) }),
    })
  const answers = await Promise.all([2, 3, 4, 5, 6, 7, 8].map(patch))
  expect(answers.map(({ status }) => status)).toEqual(Array(7).fill(200))
  const { scheduled_at } = (await lab.message(id)) as unknown as { scheduled_at: string }
  const raw = await (await lab.fetch(`/v1/email/${id}/content?part=raw`, { headers: AUTHORIZED })).text()
  const [, date = ''] = /^Date: (.*)\r$/m.exec(raw) ?? []
  expect(new Date(date).toISOString()).toBe(`${scheduled_at.slice(0, 19)}.000Z`)
})

test('of what nobody may be sent nothing is said of a time', async () => {
  await using lab = await startLab()
  expect((await lab.post('/v1/suppressions', { address: 'rcpt@example.net' })).status).toBe(200)
  const { body } = await lab.send({ scheduled_at: iso(ahead(lab, HOUR)) })
  expect(body).toMatchObject({ status: 'suppressed', estimated_delivery: '<200ms' })
  expect(body).not.toHaveProperty('scheduled_at')
})

test('how long it is tried counts from its time', async () => {
  await using lab = await startLab({ mx: { at: { RCPT: '450 4.2.0 later' } } })
  const id = await lab.sent({ scheduled_at: iso(ahead(lab, HOUR)), expires_after: '10m' })
  await lab.advance(HOUR + 5 * MINUTE)
  expect((await lab.tried(id, 1)).status).toBe('queued')
  await lab.advance(10 * MINUTE)
  expect(story(await lab.ended(id)).at(-1)).toBe('bounced')
})

test('a clock that is set back sends nothing before its time, one that is set ahead nothing after it', async () => {
  await using lab = await startLab()
  const at = ahead(lab, 2 * DAY)
  const id = await lab.sent({ scheduled_at: iso(at) })
  lab.clock.jump(-DAY)
  await lab.advance(20 * SECOND)
  expect((await lab.message(id)).deliveries[0]?.next_attempt_at).toBe(iso(at))
  lab.clock.jump(at - 1 - lab.clock.now())
  await lab.advance(SECOND)
  expect((await lab.ended(id)).status).toBe('delivered')
})

test('nobody steers mail of others, and a test key none that is live', async () => {
  await using lab = await startLab()
  const id = await lab.sent({ scheduled_at: iso(ahead(lab, HOUR)) })
  must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
  const stranger = must(await lab.admin.keyCreate({ account: 'other', name: 'x', mode: 'live' })).key
  const tester = must(await lab.admin.keyCreate({ account: 'default', name: 'x', mode: 'test' })).key
  for (const verb of ['cancel', 'retry']) {
    const asked = (key: string) => lab.post(`/v1/email/${id}/${verb}`, '', { authorization: `Bearer ${key}` })
    expect(await asked(stranger)).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } })
    expect(await asked(tester)).toMatchObject({ status: 403, body: { error: { code: 'live_key_required' } } })
  }
  const time = iso(ahead(lab, 2 * HOUR))
  expect((await patch(lab, id, time, stranger)).status).toBe(404)
  expect((await patch(lab, id, time, tester)).status).toBe(403)
  expect((await lab.message(id)).status).toBe('scheduled')
})

test('mail of a test key is played at its time, and steered by test keys', async () => {
  await using lab = await startLab()
  const key = must(await lab.admin.keyCreate({ account: 'default', name: 'x', mode: 'test' })).key
  const as = { authorization: `Bearer ${key}` }
  const send = async () => (await lab.send({ scheduled_at: iso(ahead(lab, MINUTE)) }, as)).body.message_id
  const [played, ended] = [await send(), await send()]
  expect((await lab.post(`/v1/email/${ended}/cancel`, '', as)).body).toMatchObject({ cancelled: 1 })
  await lab.advance(MINUTE + 2 * SECOND)
  expect((await lab.ended(played)).status).toBe('delivered')
  expect((await lab.message(ended)).status).toBe('cancelled')
  expect(lab.mx.connections).toBe(0)
})

test('what is no time, is past, or lies too far ahead is refused by name', async () => {
  await using lab = await startLab()
  const now = lab.clock.now()
  for (const [said, code] of [
    ['tomorrow', 'invalid'],
    ['2026-01-03', 'invalid'],
    ['2026-01-03T10:00:00', 'invalid'],
    ['2026-02-30T10:00:00Z', 'invalid'],
    ['2026-01-03T24:00:00Z', 'invalid'],
    ['', 'invalid'],
    [iso(now - HOUR - SECOND), 'past'],
    [iso(now + 367 * DAY), 'too_far'],
  ] as const) {
    const { status, body } = await lab.send({ scheduled_at: said })
    expect([status, body.error.code, body.error.fields[0]?.path, body.error.fields[0]?.code]).toEqual([
      422,
      'validation_failed',
      'scheduled_at',
      code,
    ])
  }
  const late = await lab.sent({ scheduled_at: iso(now - HOUR + MINUTE) })
  expect((await lab.ended(late)).status).toBe('delivered')
})

async function patch(lab: Lab, id: string, scheduledAt: string, key?: string) {
  const answer = await lab.fetch(`/v1/email/${id}`, {
    method: 'PATCH',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? AUTHORIZED : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ scheduled_at: scheduledAt }),
  })
  return { status: answer.status, body: JSON.parse(await answer.text()) }
}
