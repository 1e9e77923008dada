import { expect, test } from 'bun:test'
import { type ForwardPath, parseMailbox } from '../../../src/core/address.ts'
import { type AccountId, deliveryId, idsFor, parseMessageId } from '../../../src/core/ids.ts'
import { Suppression, type SuppressionParts } from '../../../src/services/suppression/suppression.ts'
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

/** A list of lower-case recipients per account, and the questions it was asked. */
function listOf(entries: Readonly<Record<AccountId, readonly string[]>>) {
  const asked: (readonly string[])[] = []
  const store: SuppressionParts['store'] = {
    hasSuppressions: async (account) => (entries[account]?.length ?? 0) > 0,
    suppressed: async (account, recipients, now) => {
      expect(now).toBe(clock.now())
      asked.push(recipients)
      return new Set(recipients.filter((recipient) => entries[account]?.includes(recipient)))
    },
  }
  return { suppression: new Suppression({ store, clock }), asked }
}

test('recipients are found in whatever spelling, and answered in theirs', async () => {
  const { suppression } = listOf({ [ours]: ['anna@example.com'] })
  const recipients = [mailbox('Anna@Example.com'), mailbox('bert@example.com'), mailbox('anna@example.com')]
  expect([...(await suppression.check(ours, recipients, 'transactional'))]).toEqual([
    mailbox('Anna@example.com'),
    mailbox('anna@example.com'),
  ])
})

test("another account's entries do not count", async () => {
  const { suppression } = listOf({ [others]: ['anna@example.com'] })
  expect((await suppression.check(ours, [mailbox('anna@example.com')], 'marketing')).size).toBe(0)
})

test('nobody is not asked for', async () => {
  const { suppression, asked } = listOf({})
  expect((await suppression.check(ours, [], 'transactional')).size).toBe(0)
  expect((await suppression.checkDeliveries([])).size).toBe(0)
  expect(asked).toEqual([])
})

test('deliveries are asked for by account, once each', async () => {
  const { suppression, asked } = listOf({ [ours]: ['anna@example.com'], [others]: ['bert@example.com'] })
  const message = parseMessageId('msg_000000000000') ?? ids.message()
  const rows = [
    [ours, 'Anna@example.com'],
    [others, 'anna@example.com'],
    [ours, 'bert@example.com'],
    [others, 'bert@example.com'],
  ] as const
  const deliveries = rows.map(([accountId, recipient], at) => ({
    id: deliveryId(message, at),
    accountId,
    recipient: mailbox(recipient),
    stream: 'transactional' as const,
  }))
  const found = await suppression.checkDeliveries(deliveries)
  expect([...found]).toEqual([deliveryId(message, 0), deliveryId(message, 3)])
  expect(asked.length).toBe(2)
})

test('that an account has no entry is believed for half a second, not longer', async () => {
  const entries: Record<AccountId, string[]> = {}
  const { suppression, asked } = listOf(entries)
  const anna = mailbox('anna@example.com')
  const blocked = async () => [...(await suppression.check(ours, [anna], 'transactional'))]
  expect(await blocked()).toEqual([])
  entries[ours] = ['anna@example.com']
  expect(await blocked()).toEqual([])
  expect(asked).toEqual([])
  clock.advance(500)
  expect(await blocked()).toEqual([anna])
})
