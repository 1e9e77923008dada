import { afterEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ForwardPath, parseMailbox } from '../../../src/core/address.ts'
import { type AccountId, deliveryId, idsFor, parseMessageId } from '../../../src/core/ids.ts'
import type { Stream } from '../../../src/core/message.ts'
import type { Suppression as Entry } from '../../../src/core/suppression.ts'
import { DAY } from '../../../src/core/time.ts'
import { Suppression, suppressedBy, suppressionKey } from '../../../src/services/suppression/suppression.ts'
import { openStore } from '../../../src/store/open.ts'
import type { SuppressionStore } from '../../../src/store/suppression-store.ts'
import { storeOptions } from '../../store/contract/samples.ts'
import { handClock } from '../../support/clock.ts'

const clock = handClock()
const ids = idsFor('0', clock.now)
const ours = ids.account()
const others = ids.account()

function mailbox(text: string): ForwardPath {
  const parsed = parseMailbox(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

const entry = (accountId: AccountId, recipient: string, more: Partial<Entry> = {}): Entry => ({
  accountId,
  recipient,
  scope: '',
  reason: 'manual',
  eventId: null,
  note: '',
  createdAt: clock.now(),
  expiresAt: null,
  ...more,
})

const kind = (stream: Stream, list?: string) => ({ stream, wishes: list === undefined ? {} : { list } })

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

/** A list in a store of its own; it counts how often the store was asked who is blocked. */
async function listOf(entries: readonly Entry[]) {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-suppression-'))
  const store = await openStore(`sqlite:${join(folder, 'list.db')}`, storeOptions())
  open.push(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  await store.suppressions.put(entries)
  const asked = { times: 0 }
  const counting: SuppressionStore = {
    ...store.suppressions,
    blocking: (ask) => {
      asked.times += 1
      return store.suppressions.blocking(ask)
    },
  }
  return { store, asked, suppression: new Suppression({ store: counting, clock }) }
}

test('recipients are found in whatever spelling, and answered in theirs', async () => {
  const { suppression } = await listOf([entry(ours, 'anna@example.com')])
  const recipients = [mailbox('Anna@Example.com'), mailbox('bert@example.com'), mailbox('anna@example.com')]
  expect([...(await suppression.check(ours, recipients, kind('transactional'))).keys()]).toEqual([
    mailbox('Anna@example.com'),
    mailbox('anna@example.com'),
  ])
})

test.each([
  ['"anna"@example.com', 'anna@example.com'],
  ['"An\\na.b"@example.com', 'anna.b@example.com'],
  ['"anna b"@Example.com', '"anna b"@example.com'],
  ['"a\\ b\\""@example.com', '"a b\\""@example.com'],
  ['mu\u0308ller@example.com', 'm\u00fcller@example.com'],
  ['MÜLLER@bücher.example', 'müller@xn--bcher-kva.example'],
])('%s is the same mailbox as %s (RFC 5321 §4.1.2, RFC 6532 §3.1)', async (spelling, kept) => {
  expect(suppressionKey(mailbox(spelling))).toBe(kept)
  expect(suppressionKey(mailbox(kept))).toBe(kept)
  const { suppression } = await listOf([entry(ours, kept)])
  expect((await suppression.check(ours, [mailbox(spelling)], kind('transactional'))).size).toBe(1)
})

test("another account's entries do not count", async () => {
  const { suppression } = await listOf([entry(others, 'anna@example.com')])
  expect((await suppression.check(ours, [mailbox('anna@example.com')], kind('marketing'))).size).toBe(0)
})

test('an entry stops the streams that it names', async () => {
  const { suppression } = await listOf([
    entry(ours, 'all@example.com'),
    entry(ours, 'some@example.com', { scope: 'marketing', reason: 'complaint' }),
    entry(ours, 'list@example.com', { scope: 'list:news', reason: 'unsubscribe' }),
  ])
  const recipients = ['all@example.com', 'some@example.com', 'list@example.com'].map(mailbox)
  const stopped = async (stream: Stream) => [
    ...(await suppression.check(ours, recipients, kind(stream))).keys(),
  ]
  expect(await stopped('transactional')).toEqual([mailbox('all@example.com')])
  expect(await stopped('marketing')).toEqual([mailbox('all@example.com'), mailbox('some@example.com')])
  // A list is left in whatever stream it comes, and no other one with it.
  const ofList = async (stream: Stream, list: string) => [
    ...(await suppression.check(ours, recipients, kind(stream, list))).keys(),
  ]
  expect(await ofList('marketing', 'news')).toEqual(recipients)
  expect(await ofList('transactional', 'news')).toEqual(recipients.toSpliced(1, 1))
  expect(await ofList('marketing', 'offers')).toEqual(recipients.slice(0, 2))
})

test('an entry ends with its time', async () => {
  const { suppression } = await listOf([entry(ours, 'a@example.com', { expiresAt: clock.now() + DAY })])
  const blocked = async () =>
    (await suppression.check(ours, [mailbox('a@example.com')], kind('marketing'))).size
  expect(await blocked()).toBe(1)
  clock.advance(DAY)
  expect(await blocked()).toBe(0)
})

test('nobody is not asked for', async () => {
  const { suppression, asked } = await listOf([entry(ours, 'anna@example.com')])
  expect((await suppression.check(ours, [], kind('transactional'))).size).toBe(0)
  expect((await suppression.checkDeliveries([])).size).toBe(0)
  expect(asked.times).toBe(0)
})

test('deliveries are asked for by account, stream and list, once each', async () => {
  const { suppression, asked } = await listOf([
    entry(ours, 'anna@example.com'),
    entry(others, 'bert@example.com', { scope: 'marketing' }),
    entry(ours, 'carl@example.com', { scope: 'list:news' }),
  ])
  const message = parseMessageId('msg_000000000000') ?? ids.message()
  const rows = [
    [ours, 'Anna@example.com', 'transactional'],
    [others, 'anna@example.com', 'transactional'],
    [ours, 'bert@example.com', 'transactional'],
    [others, 'bert@example.com', 'transactional'],
    [others, 'bert@example.com', 'marketing'],
    [ours, 'carl@example.com', 'marketing', 'news'],
    [ours, 'carl@example.com', 'marketing', 'offers'],
  ] as const
  const deliveries = rows.map(([accountId, recipient, stream, list], at) => ({
    id: deliveryId(message, at),
    accountId,
    recipient: mailbox(recipient),
    ...kind(stream, list),
  }))
  const found = await suppression.checkDeliveries(deliveries)
  expect([...found.keys()]).toEqual([deliveryId(message, 0), deliveryId(message, 4), deliveryId(message, 5)])
  expect(asked.times).toBe(5)
})

test('that an account has no entry is believed for half a second, and not after an entry was made here', async () => {
  const { store, suppression, asked } = await listOf([])
  const anna = mailbox('anna@example.com')
  const blocked = async () => [...(await suppression.check(ours, [anna], kind('transactional'))).keys()]
  expect(await blocked()).toEqual([])
  await store.suppressions.put([entry(ours, 'anna@example.com')])
  expect(await blocked()).toEqual([])
  expect(asked.times).toBe(0)
  clock.advance(500)
  expect(await blocked()).toEqual([anna])

  const bert = mailbox('bert@example.com')
  expect((await suppression.check(others, [bert], kind('transactional'))).size).toBe(0)
  await suppression.put([entry(others, 'bert@example.com')])
  expect((await suppression.check(others, [bert], kind('transactional'))).size).toBe(1)
})

test('what an entry stopped says by which one and since when', () => {
  const at = Date.UTC(2026, 2, 4, 5)
  expect(
    suppressedBy({ recipient: 'a@b.example', reason: 'hard_bounce', scope: '', createdAt: at }).reason,
  ).toBe('hard bounce on 2026-03-04')
  expect(
    suppressedBy({ recipient: 'a@b.example', reason: 'complaint', scope: 'marketing', createdAt: at }),
  ).toEqual({
    reason: 'complaint on 2026-03-04 (marketing)',
    by: { reason: 'complaint', scope: 'marketing', since: at },
  })
})

test('recipients of the sandbox are stopped by what a person put on the list, and by nothing else', async () => {
  const at = (name: string) => `${name}@sandbox.mailwok.test`
  const { suppression } = await listOf([
    entry(ours, at('bounced'), { reason: 'hard_bounce' }),
    entry(ours, at('complained'), { reason: 'complaint' }),
    entry(ours, at('left'), { reason: 'unsubscribe', scope: 'marketing' }),
    entry(ours, at('listed'), { reason: 'manual' }),
    entry(ours, at('imported'), { reason: 'import' }),
    entry(ours, 'left@example.com', { reason: 'unsubscribe' }),
  ])
  const names = ['bounced', 'complained', 'left', 'listed', 'imported'].map((name) => mailbox(at(name)))
  const all = [...names, mailbox('left@example.com')]
  const stopped = [mailbox(at('listed')), mailbox(at('imported')), mailbox('left@example.com')]
  expect([...(await suppression.check(ours, all, kind('marketing'))).keys()]).toEqual(stopped)
  const message = parseMessageId('msg_0123456789ab')
  if (!message) throw new Error('no id')
  const deliveries = all.map((recipient, ordinal) => ({
    id: deliveryId(message, ordinal),
    accountId: ours,
    recipient,
    ...kind('marketing'),
  }))
  const found = await suppression.checkDeliveries(deliveries)
  expect([...found.keys()]).toEqual([3, 4, 5].map((ordinal) => deliveryId(message, ordinal)))
})
