import { expect, test } from 'bun:test'
import type { QueueAsk } from '../../src/admin/queue-rows.ts'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'
import { until } from '../support/until.ts'

const WITHOUT = { message: null, destination: null, account: null, key: null }

async function greylistingLab(): Promise<Lab & { open(): void }> {
  let greylisting = true
  const lab = await startLab({
    mx: { at: (moment) => (moment === 'RCPT' && greylisting ? '450 4.2.0 later' : undefined) },
  })
  const open = (): void => {
    greylisting = false
  }
  return Object.assign(lab, { open })
}

const command = async (lab: Lab, ask: Partial<QueueAsk> & Pick<QueueAsk, 'command'>): Promise<number> =>
  must(await lab.admin.queueCommand({ ...WITHOUT, ...ask })).moved

test('retry brings a waiting delivery forward', async () => {
  await using lab = await greylistingLab()
  const id = await lab.sent()
  await lab.tried(id, 1)
  lab.open()
  expect(await command(lab, { command: 'retry', message: id })).toBe(1)
  expect(story(await lab.ended(id))).toEqual(['queued', 'deferred', 'delivered'])
})

test('hold keeps it however late it is, release lets it go', async () => {
  await using lab = await greylistingLab()
  const id = await lab.sent()
  await lab.tried(id, 1)
  expect(await command(lab, { command: 'hold', destination: 'example.net' })).toBe(1)
  lab.open()
  await lab.advance(600_000)
  expect((await lab.message(id)).status).toBe('held')
  expect(must(await lab.admin.queueOverview({ limit: 10 }))).toMatchObject({ waiting: 0, leased: 0, held: 1 })
  expect(await command(lab, { command: 'release', message: id })).toBe(1)
  expect((await lab.ended(id)).status).toBe('delivered')
  expect(lab.mx.messages).toHaveLength(1)
})

test('drop ends it: nothing is sent any more', async () => {
  await using lab = await greylistingLab()
  const id = await lab.sent()
  await lab.tried(id, 1)
  expect(await command(lab, { command: 'drop', message: id })).toBe(1)
  lab.open()
  await lab.advance(600_000)
  const view = await lab.message(id)
  expect(view.status).toBe('cancelled')
  expect(story(view)).toEqual(['queued', 'deferred', 'cancelled'])
  expect(view.deliveries[0]?.next_attempt_at).toBeNull()
  expect(must(await lab.admin.queueOverview({ limit: 10 }))).toMatchObject({ waiting: 0, leased: 0, held: 0 })
  expect(lab.mx.messages).toEqual([])
})

test('a filter that matches nothing moves nothing', async () => {
  await using lab = await greylistingLab()
  await lab.tried(await lab.sent(), 1)
  for (const filter of [{ message: 'msg_000000000000' }, { destination: 'elsewhere.test' }]) {
    expect(await command(lab, { command: 'drop', ...filter })).toBe(0)
  }
  expect(must(await lab.admin.queueOverview({ limit: 10 })).waiting).toBe(1)
})

test('filters by provider, campaign and stream; flush brings forward what they match', async () => {
  await using lab = await greylistingLab()
  const spring = await lab.sent({ campaign: 'spring' })
  const code = await lab.sent()
  await lab.tried(spring, 1)
  await lab.tried(code, 1)
  lab.open()
  expect(await command(lab, { command: 'hold', campaign: 'autumn' })).toBe(0)
  expect(await command(lab, { command: 'hold', stream: 'marketing' })).toBe(0)
  expect(await command(lab, { command: 'hold', campaign: 'spring', stream: 'transactional' })).toBe(1)
  expect(await lab.admin.queueCommand({ ...WITHOUT, command: 'hold', stream: 'both' })).toMatchObject({
    error: { code: 'invalid_stream' },
  })
  // Half a second later the store knows who serves the domain.
  await lab.advance(1000)
  const report = must(await lab.admin.queueOverview({ limit: 10 }))
  const [row] = report.destinations
  expect(row).toMatchObject({ destination: 'example.net', waiting: 1, last_error: '450 4.2.0 later' })
  expect(await command(lab, { command: 'flush', provider: 'nobody.test' })).toBe(0)
  expect(await command(lab, { command: 'flush', provider: row?.provider ?? '' })).toBe(1)
  expect((await lab.ended(code)).status).toBe('delivered')
  expect((await lab.message(spring)).status).toBe('held')
  expect(await command(lab, { command: 'release', campaign: 'spring' })).toBe(1)
  expect((await lab.ended(spring)).status).toBe('delivered')
})

test('flush asks a provider that blocks us at once', async () => {
  let blocked = true
  await using lab = await startLab({
    mx: { at: (moment) => (moment === 'CONNECT' && blocked ? '554 5.7.1 blocked' : undefined) },
  })
  const id = await lab.sent()
  await lab.tried(id, 1)
  const lane = async () => must(await lab.admin.queueLanes({ provider: 'example.net' }))[0]?.state
  expect(await lane()).toBe('paused')
  blocked = false
  expect(await command(lab, { command: 'retry' })).toBe(1)
  await lab.advance(2000)
  expect((await lab.message(id)).status).not.toBe('delivered')
  expect(await command(lab, { command: 'flush' })).toBe(1)
  expect((await lab.ended(id)).status).toBe('delivered')
  expect(await lane()).not.toBe('paused')
})

test('hold and drop reach what waits in memory behind a busy connection', async () => {
  let hangs = true
  await using lab = await startLab({
    mx: { at: (moment) => (moment === 'RCPT' && hangs ? { slow: 300 } : undefined) },
    config: { 'delivery.connections_per_provider': '1' },
  })
  const [first = '', ...others] = await Promise.all(
    Array.from({ length: 12 }, (_, i) => lab.sent({ to: `r${i}@example.net`, campaign: 'oops' })),
  )
  await until('one is under way', () => lab.mx.commands.some((line) => line.includes('RCPT')))
  const under = async () => must(await lab.admin.queueOverview({ limit: 1 })).leased
  expect(await command(lab, { command: 'hold', campaign: 'oops' })).toBe(11)
  hangs = false
  await until('nothing is under way', async () => (await under()) === 0)
  expect(lab.mx.messages).toHaveLength(1)
  expect((await lab.ended(first)).status).toBe('delivered')
  expect(await command(lab, { command: 'drop', campaign: 'oops' })).toBe(11)
  for (const id of others) expect((await lab.message(id)).status).toBe('cancelled')
})

test('lanes tell what was not taken, refused for good or put off', async () => {
  let says: string | undefined
  await using lab = await startLab({
    mx: { at: (moment) => (moment === 'RCPT' ? says : undefined) },
  })
  await lab.ended(await lab.sent())
  says = '550 5.2.1 switched off'
  await lab.ended(await lab.sent())
  says = '450 4.2.0 not now'
  await lab.tried(await lab.sent(), 1)
  const [lane] = must(await lab.admin.queueLanes({ provider: 'example.net' }))
  expect(lane).toMatchObject({ delivered: 1, not_taken: 2 })
})

test('a key is named by its id or its prefix, and one that is none is told', async () => {
  await using lab = await greylistingLab()
  const { id, key, prefix } = must(
    await lab.admin.keyCreate({ account: 'default', name: 'leaked', mode: 'live' }),
  )
  const { body } = await lab.send({}, { authorization: `Bearer ${key}` })
  await lab.tried(body.message_id, 1)
  expect(await command(lab, { command: 'hold', key: prefix })).toBe(1)
  expect(await command(lab, { command: 'release', key: id })).toBe(1)
  for (const none of ['key_none', 'mwk_live_none']) {
    const told = await lab.admin.queueCommand({ ...WITHOUT, command: 'hold', key: none })
    expect(told.ok ? 'moved' : told.error.code).toBe('not_found')
  }
})
