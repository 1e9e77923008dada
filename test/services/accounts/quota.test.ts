import { afterEach, describe, expect, test } from 'bun:test'
import type { Plan } from '../../../src/core/account.ts'
import type { AccountEvent } from '../../../src/core/event.ts'
import { type AccountId, idsFor } from '../../../src/core/ids.ts'
import { fault } from '../../../src/core/result.ts'
import { DAY, SECOND } from '../../../src/core/time.ts'
import { dayOf, monthOf } from '../../../src/services/accounts/periods.ts'
import { type QuotaRefusal, Quotas } from '../../../src/services/accounts/quota.ts'
import type { QuotaWarning } from '../../../src/services/accounts/quota-event.ts'
import { quotaLetter } from '../../../src/services/accounts/quota-letter.ts'
import { limitRefusal } from '../../../src/services/submission/limit-refusal.ts'
import { quietLog } from '../../edge/smtpd/agent.ts'
import { handClock } from '../../support/clock.ts'
import { memoryDirectory } from '../../support/directory.ts'

const ACCOUNT = 'acc_000000000001' as AccountId
const OTHER = 'acc_000000000002' as AccountId
const NOON = Date.UTC(2027, 0, 15, 12)

const plan = (limits: Partial<Plan>): Plan => ({
  name: 'p',
  apiPerSecond: null,
  mailPerSecond: null,
  ...limits,
})

const open: Quotas[] = []
afterEach(async () => {
  for (const quotas of open.splice(0)) await quotas.flush()
})

function house() {
  const directory = memoryDirectory()
  const clock = handClock(NOON)
  const warnings: (QuotaWarning & { readonly event: AccountEvent })[] = []
  const node = () => {
    const ids = idsFor('q', () => clock.now())
    const quotas = new Quotas({ store: directory, clock, ids, log: quietLog })
    quotas.tell(async (warning, event) => void warnings.push({ ...warning, event }))
    open.push(quotas)
    return quotas
  }
  return { directory, clock, warnings, node }
}

const stored = async (directory: ReturnType<typeof memoryDirectory>, period = '2027-01') =>
  (await directory.usage(ACCOUNT, [period])).get(period) ?? 0

/** What falls due by the clock, to its end: the store of these tests answers at once. */
async function turn(clock: ReturnType<typeof handClock>): Promise<void> {
  clock.advance(6 * SECOND)
  await Bun.sleep(0)
}

/** What came of so many mails, one after the other. */
async function sends(quotas: Quotas, of: Plan, count: number, account = ACCOUNT): Promise<number> {
  let went = 0
  for (let i = 0; i < count; i++) if ((await quotas.take(account, of, 1)) === null) went += 1
  return went
}

describe('periods', () => {
  test.each([
    [Date.UTC(2027, 0, 31, 23, 59, 59, 999), '2027-01-31', '2027-01', Date.UTC(2027, 1, 1)],
    [Date.UTC(2027, 1, 1), '2027-02-01', '2027-02', Date.UTC(2027, 2, 1)],
    [Date.UTC(2028, 1, 29, 12), '2028-02-29', '2028-02', Date.UTC(2028, 2, 1)],
    [Date.UTC(2027, 11, 31, 23), '2027-12-31', '2027-12', Date.UTC(2028, 0, 1)],
  ])('%i is in %s and %s', (now, day, month, renews) => {
    expect(dayOf(now).name).toBe(day)
    expect(dayOf(now).until - dayOf(now).from).toBe(DAY)
    expect([monthOf(now).name, monthOf(now).until]).toEqual([month, renews])
  })
})

describe('a quota', () => {
  test.each([0, 1, 7, 1000])('of %i lets as many through and not one more', async (limit) => {
    const { node, directory } = house()
    expect(await sends(node(), plan({ mailPerMonth: limit }), limit + 3)).toBe(limit)
    expect(await stored(directory)).toBe(limit)
  })

  test('says which, how much, and when it renews', async () => {
    const { node } = house()
    const quotas = node()
    const of = plan({ mailPerDay: 2, mailPerMonth: 100 })
    await sends(quotas, of, 2)
    expect(await quotas.take(ACCOUNT, of, 1)).toEqual({
      per: 'day',
      limit: 2,
      renewsAt: Date.UTC(2027, 0, 16),
    } satisfies QuotaRefusal)
  })

  test('says of more than a whole period has that it never passes', async () => {
    const { node, directory } = house()
    const quotas = node()
    const of = plan({ mailPerDay: 10, mailPerMonth: 100 })
    expect(await quotas.take(ACCOUNT, of, 11)).toMatchObject({ per: 'day', limit: 10, never: true })
    const narrow = plan({ mailPerDay: 20, mailPerMonth: 5 })
    expect(await quotas.take(ACCOUNT, narrow, 6)).toMatchObject({ per: 'month', limit: 5, never: true })
    expect(await stored(directory)).toBe(0)
    const facts = { per: 'day', limit: 10, renewsAt: NOON } as const
    const verdict = { allowed: false, retryAfter: 60_000, remaining: null, plan: of } as const
    const refused = limitRefusal({ ...verdict, exceeded: { ...facts, never: true } })
    expect(refused.retryAfter).toBeUndefined()
    expect(refused.say).toContain('will not pass later either')
    expect(limitRefusal({ ...verdict, exceeded: facts }).retryAfter).toBe(60_000)
  })

  test('a message goes with all its recipients or with none', async () => {
    const { node } = house()
    const quotas = node()
    const of = plan({ mailPerMonth: 10 })
    expect(await quotas.take(ACCOUNT, of, 11)).not.toBeNull()
    expect(await quotas.take(ACCOUNT, of, 8)).toBeNull()
    expect(await quotas.take(ACCOUNT, of, 3)).not.toBeNull()
    expect(await quotas.take(ACCOUNT, of, 2)).toBeNull()
    expect(await quotas.take(ACCOUNT, of, 1)).not.toBeNull()
  })

  test('is one for many nodes that ask at once', async () => {
    const { node, directory } = house()
    const of = plan({ mailPerMonth: 500 })
    const nodes = [node(), node(), node()]
    const all = await Promise.all(nodes.map((quotas) => sends(quotas, of, 400)))
    const sum = all.reduce((a, b) => a + b)
    // Leases of the others can hide the last few mails for a moment, never more than there are.
    expect(sum).toBeLessThanOrEqual(500)
    expect(sum).toBeGreaterThan(490)
    for (const quotas of nodes) await quotas.flush()
    expect(await stored(directory)).toBe(sum)
  })

  test('is one for a crowd that asks at once', async () => {
    const { node } = house()
    const quotas = node()
    const of = plan({ mailPerMonth: 50 })
    const all = await Promise.all(Array.from({ length: 80 }, () => quotas.take(ACCOUNT, of, 1)))
    expect(all.filter((one) => one === null)).toHaveLength(50)
  })

  test('asks the store for a few of many, and waits for nothing in between', async () => {
    const { node, directory } = house()
    const quotas = node()
    const of = plan({ mailPerMonth: 100_000 })
    await quotas.take(ACCOUNT, of, 1)
    const before = directory.calls.writes
    for (let i = 0; i < 499; i++) expect(quotas.take(ACCOUNT, of, 1)).toBeNull()
    expect(directory.calls.writes).toBe(before)
  })

  test('that is used up is not asked for at each knock', async () => {
    const { node, directory } = house()
    const quotas = node()
    const of = plan({ mailPerMonth: 1 })
    await sends(quotas, of, 2)
    const before = directory.calls.writes
    expect(await sends(quotas, of, 100)).toBe(0)
    expect(directory.calls.writes).toBe(before)
  })

  test('begins anew with the next month, and the next day', async () => {
    const { node, clock } = house()
    const quotas = node()
    const of = plan({ mailPerDay: 2, mailPerMonth: 3 })
    expect(await sends(quotas, of, 5)).toBe(2)
    clock.advance(DAY)
    expect(await sends(quotas, of, 5)).toBe(1)
    clock.advance(16 * DAY)
    expect(await sends(quotas, of, 5)).toBe(2)
  })

  test('a clock that is set back does not give the month twice', async () => {
    const { node, clock } = house()
    const quotas = node()
    const of = plan({ mailPerMonth: 3 })
    await sends(quotas, of, 2)
    clock.jump(-DAY)
    expect(await sends(quotas, of, 5)).toBe(1)
  })

  test('what was not accepted is not counted', async () => {
    const { node, directory } = house()
    const quotas = node()
    const of = plan({ mailPerMonth: 2 })
    await quotas.take(ACCOUNT, of, 2)
    quotas.giveBack(ACCOUNT, of, 2)
    expect(await sends(quotas, of, 3)).toBe(2)
    await quotas.flush()
    expect(await stored(directory)).toBe(2)
  })

  test('is nobody else’s', async () => {
    const { node } = house()
    const quotas = node()
    const of = plan({ mailPerMonth: 2 })
    await sends(quotas, of, 5)
    expect(await sends(quotas, of, 5, OTHER)).toBe(2)
  })
})

describe('leases', () => {
  test('go back when nobody sends, and at the end', async () => {
    const { node, clock, directory } = house()
    const quotas = node()
    const of = plan({ mailPerMonth: 100_000 })
    await quotas.take(ACCOUNT, of, 1)
    expect(await stored(directory)).toBe(500)
    expect((await quotas.use(ACCOUNT, of)).month.used).toBe(1)
    await turn(clock)
    await turn(clock)
    expect(await stored(directory)).toBe(1)
    await quotas.take(ACCOUNT, of, 1)
    await quotas.flush()
    expect(await stored(directory)).toBe(2)
  })

  test('a node that dies counts at most one lease too much, and never too little', async () => {
    const { node, directory } = house()
    const of = plan({ mailPerMonth: 1000 })
    const dies = node()
    await sends(dies, of, 7)
    expect(await stored(directory)).toBe(10)
    expect(await sends(node(), of, 2000)).toBe(990)
  })

  test('a store that cannot be written to keeps no mail, and forgets none that was counted', async () => {
    const { node, directory, clock } = house()
    const quotas = node()
    const of = plan({})
    expect(quotas.take(ACCOUNT, of, 5)).toBeNull()
    const { countMail } = directory
    Object.assign(directory, { countMail: async () => fault('unavailable') })
    await turn(clock)
    Object.assign(directory, { countMail })
    await quotas.flush()
    expect(await stored(directory)).toBe(5)
  })
})

describe('without a quota', () => {
  test('nothing is asked, and what was sent is written down by the clock', async () => {
    const { node, directory, clock } = house()
    const quotas = node()
    const of = plan({})
    for (let i = 0; i < 100; i++) expect(quotas.take(ACCOUNT, of, 2)).toBeNull()
    expect(directory.calls.writes).toBe(0)
    expect((await quotas.use(ACCOUNT, of)).month).toEqual({
      used: 200,
      limit: null,
      renewsAt: Date.UTC(2027, 1, 1),
    })
    await turn(clock)
    expect(await stored(directory)).toBe(200)
  })

  test('what was sent before counts when the plan changes', async () => {
    const { node } = house()
    const quotas = node()
    await quotas.take(ACCOUNT, plan({}), 8)
    expect(await sends(quotas, plan({ mailPerMonth: 10 }), 5)).toBe(2)
    expect(await sends(quotas, plan({}), 5)).toBe(5)
    expect((await quotas.use(ACCOUNT, plan({}))).month.used).toBe(15)
  })
})

describe('warnings', () => {
  test('come at 80 and at 100 percent, once for all nodes', async () => {
    const { node, warnings } = house()
    const of = plan({ mailPerMonth: 10 })
    const told = { per: 'month', limit: 10, renews_at: '2027-02-01T00:00:00.000Z' }
    const [one, other] = [node(), node()]
    await sends(one, of, 7)
    expect(warnings).toEqual([])
    await sends(one, of, 1)
    await sends(other, of, 1)
    await Bun.sleep(0)
    expect(warnings.map(({ level }) => level)).toEqual([80])
    await sends(other, of, 5)
    await sends(one, of, 5)
    await Bun.sleep(0)
    expect(warnings.map(({ event }) => [event.type, event.accountId, event.subject, event.details])).toEqual([
      ['account.quota_near', ACCOUNT, 'month', { ...told, percent: 80, used: 8 }],
      ['account.quota_reached', ACCOUNT, 'month', { ...told, percent: 100, used: 10 }],
    ])
  })

  test('say what happened and what to do', () => {
    const month = { account: ACCOUNT, per: 'month', renewsAt: Date.UTC(2027, 1, 1) } as const
    const facts = { ...month, limit: 10, used: 8 }
    const near = quotaLetter('shop', { ...facts, level: 80 })
    expect(near.subject).toBe('the account shop has sent 80 % of the mail of its month')
    expect(near.text).toContain('8 of the 10 mails')
    const over = quotaLetter('shop', { ...facts, level: 100, used: 10 })
    expect(over.text).toContain('refused until 2027-02-01 00:00 UTC')
    expect(over.key).not.toBe(near.key)
  })
})
