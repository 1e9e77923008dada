//
// What a tenant, a stream or a slow provider may take of what all share: the memory of a lane, and that of all lanes.

import { expect, test } from 'bun:test'
import type { AccountId } from '../../../src/core/ids.ts'
import type { Stream } from '../../../src/core/message.ts'
import type { AttemptOutcome } from '../../../src/core/outcome.ts'
import { SECOND } from '../../../src/core/time.ts'
import type { DeliveryOrder } from '../../../src/net/delivery/order.ts'
import { acceptanceOf } from '../../store/contract/samples.ts'
import { type QueueRig, queueRig } from '../../support/queue-rig.ts'
import { until } from '../../support/until.ts'

const account = (number: number) => `acc_${String(number).padStart(12, '0')}` as AccountId
const of = (number: number, stream: Stream = 'transactional') => ({
  message: { accountId: account(number), stream },
})
const TENANTS = 5
const MANY = 60
const LANE = { laneConnections: 1, laneWaiting: 40 }

/** Every tenant in turn until memory takes no more of anybody. */
async function flood(rig: QueueRig, stream: Stream, tenants = TENANTS, round = ''): Promise<number> {
  let taken = 0
  for (let open = true, i = 0; open; i++) {
    open = false
    for (let tenant = 1; tenant <= tenants; tenant++) {
      const to = [`flood${round}-${i}-${tenant}@big.example`]
      if ((await rig.accept({ to, ...of(tenant, stream) })) !== 'leased') continue
      open = true
      taken += 1
    }
  }
  return taken
}

const BLOCK: AttemptOutcome = {
  kind: 'deferred',
  cause: {
    kind: 'reply',
    stage: 'GREETING',
    reply: { code: 554, enhanced: null, text: '554 your address is blocked' },
  },
}

const isTo = (domain: string) => (order: DeliveryOrder) => order.recipient.endsWith(`@${domain}`)

test('newsletters that are accepted now leave memory for the login code that is accepted after them', async () => {
  await using rig = await queueRig(LANE)
  expect(await flood(rig, 'marketing', MANY)).toBeGreaterThan(20)
  expect(await rig.accept({ to: ['code@big.example'], ...of(99) })).toBe('leased')
})

test('a flood of new mail does not keep for ever what waits in the store', async () => {
  await using rig = await queueRig(LANE)
  await flood(rig, 'transactional')
  const stored = (name: string, stream: Stream) =>
    rig.store.queue.accept(acceptanceOf({ to: [`${name}@big.example`], ...of(99, stream) }))
  await stored('older', 'transactional')
  await stored('news', 'marketing')
  let sent = 0
  await until('both have left', async () => {
    for (const order of [...rig.orders]) {
      rig.answer(order)
      sent += 1
    }
    await flood(rig, 'transactional', TENANTS, `r${sent}`)
    await rig.advance(SECOND / 2)
    return ['older@big.example', 'news@big.example'].every((name) => rig.sent.includes(name))
  })
  // A turn of each tenant, and marketing's place among twenty.
  expect(sent).toBeLessThan(80)
}, 20_000)

test('slow providers do not fill the memory of all', async () => {
  await using rig = await queueRig({ memory: 1_000_000, laneConnections: 2, maxConnections: 1000 })
  const text = 'x'.repeat(10_000)
  const slow = (i: number) => `slow${i}.example`
  for (let i = 0; i < 40; i++) {
    for (let n = 0; n < 10; n++) await rig.accept({ to: [`r${n}@${slow(i)}`], text, ...of(i % 4) })
  }
  // Each takes eight seconds for a message: slow, and never silent for long enough to be taken for dead.
  const work = async (): Promise<void> => {
    for (const order of [...rig.orders]) if (!isTo('well.example')(order)) rig.answer(order, undefined, 8000)
    await rig.advance(8000)
  }
  for (let round = 0; round < 3; round++) await work()
  expect(rig.queue.status().memoryOctets).toBeLessThan(500_000)
  expect(await rig.accept({ to: ['code@well.example'], text, ...of(99) })).toBe('leased')
  await until('the code is with a worker', () => rig.orders.some(isTo('well.example')))
}, 20_000)

test('a tenant whose receivers are slow leaves another one its way to slow receivers', async () => {
  await using rig = await queueRig({ memory: 1_000_000, laneConnections: 2, maxConnections: 1000 })
  const text = 'x'.repeat(10_000)
  for (let i = 0; i < 60; i++) {
    for (let n = 0; n < 4; n++) await rig.accept({ to: [`r${n}@tarpit${i}.example`], text, ...of(1) })
  }
  expect(await rig.accept({ to: ['code@new.example'], text, ...of(2) })).toBe('leased')
  await until('the code is with a worker', () => rig.orders.some(isTo('new.example')))
}, 20_000)

test('a tenant whose receivers hang writes to one more stranger as quickly as ever', async () => {
  await using rig = await queueRig({ memory: 1_000_000, laneConnections: 2, maxConnections: 1000 })
  const text = 'x'.repeat(1000)
  for (let i = 0; i < 35; i++) {
    for (let n = 0; n < 3; n++) await rig.accept({ to: [`r${n}@hung${i}.example`], text, ...of(1) })
  }
  expect(await rig.accept({ to: ['code@new.example'], text, ...of(1) })).toBe('leased')
  await until('the code is with a worker', () => rig.orders.some(isTo('new.example')))
  // Nothing new is heard of strangers who have a letter on the way already.
  expect(await rig.accept({ to: ['again@new.example'], text, ...of(1) })).toBe('unleased')
}, 20_000)

/** Mail of one account for many strangers, none of whom ever answers, in the store and in memory. */
async function hungStrangers(rig: QueueRig, many: number, text: string): Promise<void> {
  for (let n = 0; n < 2; n++) {
    for (let i = 0; i < many; i++) await rig.accept({ to: [`r${n}@hung${i}.example`], text, ...of(1) })
  }
}

test('a backlog that could leave is found among that for many strangers who hang', async () => {
  await using rig = await queueRig({ memory: 1_000_000, laneConnections: 2, maxConnections: 1000 })
  await rig.accept({ to: ['first@well.example'], ...of(1) })
  await until('it is known that it takes mail', () => rig.orders.length === 1)
  rig.answerAll()
  await hungStrangers(rig, 600, 'x'.repeat(1000))
  const to = Array.from({ length: 50 }, (_, i) => `reader${i}@well.example`)
  await rig.store.queue.accept(acceptanceOf({ to, ...of(1) }))
  let claimed = 0
  rig.onClaim = (count) => {
    claimed += count
  }
  let looks = 0
  await until('it was claimed', async () => {
    looks += 1
    await rig.advance(SECOND / 2)
    return claimed >= 50
  })
  await until('it has left', () => {
    for (const order of [...rig.orders]) if (isTo('well.example')(order)) rig.answer(order)
    return rig.sent.filter((name) => name.endsWith('@well.example')).length === 51
  })
  expect(looks).toBeLessThan(4)
}, 30_000)

test('mail for a stranger who is well is found in the store behind that for many who hang', async () => {
  await using rig = await queueRig({ memory: 1_000_000, laneConnections: 2, maxConnections: 1000 })
  await hungStrangers(rig, 80, 'x'.repeat(1000))
  await rig.store.queue.accept(acceptanceOf({ to: ['code@new.example'], ...of(1) }))
  let looks = 0
  await until('it is with a worker', async () => {
    looks += 1
    await rig.advance(SECOND / 2)
    return rig.orders.some(isTo('new.example'))
  })
  // Who hangs is known after ten seconds; then their other mail waits in the store.
  expect(looks).toBeLessThan(40)
}, 30_000)

test('destinations that the DNS is silent about do not fill the memory of all', async () => {
  await using rig = await queueRig({ memory: 1_000_000 })
  const text = 'x'.repeat(10_000)
  const release = Array.from({ length: 60 }, (_, i) => rig.hold(`silent${i}.example`))
  for (let i = 0; i < 60; i++) {
    for (let n = 0; n < 3; n++) await rig.accept({ to: [`r${n}@silent${i}.example`], text, ...of(1) })
  }
  expect(rig.queue.status().memoryOctets).toBeLessThan(500_000)
  expect(await rig.accept({ to: ['code@well.example'], text, ...of(2) })).toBe('leased')
  await until('the code is with a worker', () => rig.orders.some(isTo('well.example')))
  for (const open of release) open()
}, 20_000)

test('where one of our addresses is blocked another one that was not used yet takes over', async () => {
  const sources = [{ address: '198.51.100.1' }, { address: '198.51.100.2' }]
  await using rig = await queueRig(LANE, { sources })
  await rig.accept({ to: ['first@big.example'], ...of(1) })
  await until('it is with a worker', () => rig.orders.length === 1)
  const [first] = rig.orders
  if (first) rig.answer(first, BLOCK)
  await until('it is deferred', async () => (await rig.waiting()) === 1)
  await rig.accept({ to: ['second@big.example'], ...of(1) })
  await until('the second one leaves', async () => {
    await rig.advance(SECOND / 2)
    return rig.orders.length === 1
  })
  expect(rig.orders[0]).toMatchObject({ transport: { source: '198.51.100.2' } })
})

const UNWANTED: AttemptOutcome = {
  kind: 'bounced',
  hardness: 'soft',
  cause: {
    kind: 'reply',
    stage: 'MAIL',
    reply: { code: 550, enhanced: null, text: '550 5.7.1 your IP address is on a block list' },
  },
}

test('what one of our addresses is refused with for good another one tries, once', async () => {
  const sources = [{ address: '198.51.100.1' }, { address: '198.51.100.2' }]
  await using rig = await queueRig(LANE, { sources })
  await rig.accept({ to: ['first@big.example', 'second@big.example'], ...of(1) })
  const from = new Map<string, string[]>()
  const ended = async () => Object.values(await rig.states()).every((state) => state !== 'queued')
  await until('both have an end', async () => {
    for (const order of [...rig.orders]) {
      const { source } = order.transport.kind === 'mx' ? order.transport : { source: null }
      const used = [...(from.get(order.recipient) ?? []), source ?? '']
      from.set(order.recipient, used)
      const isFirst = order.recipient.startsWith('first')
      // The second one is wanted from nowhere.
      rig.answer(order, isFirst && used.length === 2 ? undefined : UNWANTED)
    }
    await rig.advance(SECOND)
    return ended()
  })
  expect(await rig.states()).toEqual({ 'first@big.example': 'delivered', 'second@big.example': 'bounced' })
  for (const used of from.values()) expect(new Set(used).size).toBe(2)
}, 20_000)

test('mail that can leave by a blocked address alone is not taken out and put back all the time', async () => {
  const sources = [{ address: '198.51.100.1' }, { address: '198.51.100.2', pool: 'bulk' }]
  const pools = [{ name: 'bulk', streams: ['marketing' as const] }]
  await using rig = await queueRig({ laneWaiting: 5000 }, { sources, pools })
  await rig.accept({ to: ['first@big.example'], ...of(1, 'marketing') })
  await rig.accept({ to: ['code@big.example'], ...of(1) })
  await until('both are with workers', () => rig.orders.length === 2)
  for (const order of [...rig.orders])
    rig.answer(order, order.recipient.startsWith('first') ? BLOCK : undefined)
  const to = Array.from({ length: 2000 }, (_, i) => `reader${i}@big.example`)
  await rig.store.queue.accept(acceptanceOf({ to, ...of(1, 'marketing') }))
  let claims = 0
  rig.onClaim = (count) => {
    claims += count
  }
  for (let i = 0; i < 60; i++) {
    await rig.advance(SECOND)
    await rig.accept({ to: [`code${i}@big.example`], ...of(1) })
    rig.answerAll()
  }
  expect(claims).toBeLessThan(1500)
  expect(rig.sent.filter((name) => name.startsWith('code'))).toHaveLength(61)
}, 20_000)
