import { describe, expect, test } from 'bun:test'
import { idsFor } from '../../../src/core/ids.ts'
import { Accounts } from '../../../src/services/accounts/accounts.ts'
import { Limits } from '../../../src/services/accounts/limits.ts'
import { PlanBook } from '../../../src/services/accounts/plans.ts'
import { handClock } from '../../support/clock.ts'
import { memoryDirectory } from '../../support/directory.ts'

function house(plans = new PlanBook()) {
  const directory = memoryDirectory()
  const clock = handClock()
  const limits = new Limits({ directory, clock, plans })
  const node = (digit: string) =>
    new Accounts({
      directory,
      clock,
      plans,
      ids: idsFor(digit, () => clock.now()),
      onChanged: (id) => limits.forget(id),
    })
  return { directory, clock, limits, accounts: node('0'), otherNode: node('1') }
}

describe('accounts', () => {
  test('the default one exists from the first start, once', async () => {
    const { accounts, otherNode } = house()
    const both = await Promise.all([accounts.ensureDefaultAccount(), otherNode.ensureDefaultAccount()])
    expect(both[0]).toEqual(both[1])
    expect(await accounts.list()).toMatchObject([{ name: 'default', plan: 'unlimited' }])
  })

  test('names and plans are proven', async () => {
    const { accounts } = house()
    expect(await accounts.add('a', 'gold')).toEqual({ ok: false, error: 'unknown-plan' })
    expect(await accounts.add('a', 'free')).toMatchObject({ ok: true })
    expect(await accounts.add('a', 'free')).toEqual({ ok: false, error: 'exists' })
  })
})

describe('plans', () => {
  test('the promised ones are there; configured ones change or join them', () => {
    const plans = new PlanBook({
      free: { apiPerSecond: 20, mailPerSecond: 2 },
      gold: { apiPerSecond: null, mailPerSecond: 9 },
    })
    expect(plans.all).toEqual([
      { name: 'free', apiPerSecond: 20, mailPerSecond: 2 },
      { name: 'starter', apiPerSecond: 50, mailPerSecond: 10 },
      { name: 'standard', apiPerSecond: 100, mailPerSecond: 50 },
      { name: 'professional', apiPerSecond: 500, mailPerSecond: 200 },
      { name: 'unlimited', apiPerSecond: null, mailPerSecond: null },
      { name: 'gold', apiPerSecond: null, mailPerSecond: 9 },
    ])
    expect(plans.named('gone')).toEqual({ name: 'gone', apiPerSecond: 20, mailPerSecond: 2 })
  })
})

describe('limits', () => {
  test('free: 1 email a second and 10 requests, counted apart', async () => {
    const { accounts, clock, limits } = house()
    const account = await accounts.add('a', 'free')
    if (!account.ok) throw new Error(account.error)
    const { id } = account.value
    expect(await limits.take(id, 'mail', 1)).toMatchObject({ allowed: true, retryAfter: 0, remaining: 0 })
    expect(await limits.take(id, 'mail', 1)).toMatchObject({
      allowed: false,
      retryAfter: 1000,
      plan: { name: 'free' },
    })
    expect(await limits.take(id, 'api', 1)).toMatchObject({ allowed: true, remaining: 9 })
    clock.advance(1000)
    expect(await limits.take(id, 'mail', 3)).toMatchObject({ allowed: true })
    expect(await limits.take(id, 'mail', 1)).toMatchObject({ allowed: false, retryAfter: 3000 })
  })

  test('unlimited costs no write and no read but the account’s', async () => {
    const { accounts, directory, limits } = house()
    const account = await accounts.ensureDefaultAccount()
    if (!account.ok) throw new Error(account.error)
    const before = { ...directory.calls }
    for (let i = 0; i < 1000; i++) {
      expect(await limits.take(account.value.id, 'mail', 50)).toMatchObject({
        allowed: true,
        remaining: null,
      })
    }
    expect(directory.calls).toEqual({ reads: before.reads + 1, writes: before.writes })
  })

  test('another plan counts from the next request on', async () => {
    const { accounts, limits } = house()
    const account = await accounts.add('a', 'free')
    if (!account.ok) throw new Error(account.error)
    const { id } = account.value
    await limits.take(id, 'mail', 1)
    expect(await accounts.setPlan(id, 'gold')).toEqual({ ok: false, error: 'unknown-plan' })
    expect(await accounts.setPlan(id, 'unlimited')).toEqual({ ok: true, value: undefined })
    expect(await limits.take(id, 'mail', 1)).toMatchObject({ allowed: true, remaining: null })
  })
})
