//
// Owns: how much mail accounts have sent this day and month, and whether their plan lets them send more.
//
// A quota is counted in the store before a mail is accepted, but not for each: a node leases some mails at once, spends
// them without asking and gives back what it has not spent for a while. So two nodes never sell the same mail, a crash
// counts at most one lease too much, and a mail costs no commit of its own. Where the plan has no quota nothing is asked:
// what was sent is added up here and written down every few seconds, for people to read.

import type { Plan } from '../../core/account.ts'
import type { AccountEvent } from '../../core/event.ts'
import type { AccountId, Ids } from '../../core/ids.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { QuotaCount, QuotaPeriod, QuotaStore } from '../../store/account-store.ts'
import { dayOf, isIn, monthOf, type Period } from './periods.ts'
import { QUOTA_LEVELS, type QuotaWarning, quotaEvent } from './quota-event.ts'

/** What was leased and lay unspent for so long goes back; what was counted here is written down as often. */
const TURN: Milliseconds = 5 * SECOND
/** Of a quota: so little that nobody misses it when a node dies with it. */
const LEASED_PART = 1 / 200
const MOST_LEASED = 500
/** After a refusal others are refused without asking for so long. */
const BELIEVED: Milliseconds = 2 * SECOND

export interface QuotaRefusal {
  readonly per: 'day' | 'month'
  readonly limit: number
  readonly renewsAt: Milliseconds
  /** More at once than a whole period has: it will not pass later either. */
  readonly never?: true
}

export interface QuotaUse {
  readonly used: number
  /** Null: without limit. */
  readonly limit: number | null
  readonly renewsAt: Milliseconds
}

export interface QuotaParts {
  readonly store: QuotaStore
  readonly clock: Clock
  readonly ids: Pick<Ids, 'event'>
  readonly log: Log
}

/** After the commit of the event. */
type Warn = (warning: QuotaWarning, event: AccountEvent) => Promise<void>

/** One account in one period, as this node sees it. */
interface Lease {
  readonly period: Period
  /** In the store and not spent here; without a quota: sent and not yet in the store, as a debt. */
  left: number
  touched: boolean
  /** Level of which the store was asked whether to warn. */
  warned: number
  /** No more than that was left when last refused. */
  believed: { readonly left: number; readonly until: Milliseconds } | null
}

interface Window {
  readonly per: 'day' | 'month'
  readonly limit: number | null
}

export class Quotas {
  readonly #parts: QuotaParts
  readonly #leases = new Map<string, Lease>()
  readonly #asking = new Map<AccountId, Promise<unknown>>()
  #day: Period | null = null
  #month: Period | null = null
  #cancel: (() => void) | null = null
  #warn: Warn = () => Promise.resolve()

  constructor(parts: QuotaParts) {
    this.#parts = parts
  }

  /** Who is told; whoever can tell people is made later than this. */
  tell(warn: Warn): void {
    this.#warn = warn
  }

  /** Null: the mail may go and is counted. No promise where nothing has to be asked. */
  take(account: AccountId, plan: Plan, want: number): QuotaRefusal | null | Promise<QuotaRefusal | null> {
    this.#tick()
    const windows = windowsOf(plan)
    if (!this.#asking.has(account) && this.#spend(account, windows, want)) return null
    // One after the other, or each of a crowd would lease for itself.
    const before = this.#asking.get(account) ?? Promise.resolve()
    const turn = before.catch(() => undefined).then(() => this.#ask(account, windows, want))
    this.#asking.set(account, turn)
    const end = (): void => {
      if (this.#asking.get(account) === turn) this.#asking.delete(account)
    }
    turn.then(end, end)
    return turn
  }

  /** What was taken and then not accepted. */
  giveBack(account: AccountId, plan: Plan, count: number): void {
    for (const { per } of windowsOf(plan)) this.#leaseOf(account, per).left += count
  }

  async use(account: AccountId, plan: Plan): Promise<Readonly<Record<'day' | 'month', QuotaUse>>> {
    const now = this.#parts.clock.now()
    const periods = { day: dayOf(now), month: monthOf(now) }
    const stored = await this.#parts.store.usage(account, [periods.day.name, periods.month.name])
    const limits = { day: wholeOf(plan.mailPerDay), month: wholeOf(plan.mailPerMonth) }
    const used = (per: 'day' | 'month'): QuotaUse => {
      const left = this.#leases.get(nameOf(account, periods[per].name))?.left ?? 0
      const all = (stored.get(periods[per].name) ?? 0) - left
      return { used: Math.max(0, all), limit: limits[per], renewsAt: periods[per].until }
    }
    return { day: used('day'), month: used('month') }
  }

  /** Gives back what is leased and writes down what was counted; also to be called before the store closes. */
  async flush(): Promise<void> {
    this.#cancel?.()
    this.#cancel = null
    await this.#settle(() => true)
  }

  #spend(account: AccountId, windows: readonly Window[], want: number): boolean {
    const leases = windows.map(({ per }) => this.#leaseOf(account, per))
    if (leases.some((lease, at) => windows[at]?.limit !== null && lease.left < want)) return false
    for (const lease of leases) {
      lease.left -= want
      lease.touched = true
    }
    return true
  }

  async #ask(account: AccountId, windows: readonly Window[], want: number): Promise<QuotaRefusal | null> {
    const narrow = windows.find(({ limit }) => limit !== null && want > limit)
    if (narrow?.limit != null) {
      const { limit, per } = narrow
      return { per, limit, renewsAt: this.#periodOf(per).until, never: true }
    }
    for (const { limit, per } of windows) {
      if (limit === null) continue
      const lease = this.#leaseOf(account, per)
      if (lease.left >= want) continue
      const isGranted = await this.#lease(account, { limit, per }, { lease, want })
      if (!isGranted) return { per, limit, renewsAt: lease.period.until }
    }
    // A month may have ended while the store was asked.
    return this.#spend(account, windows, want) ? null : this.#ask(account, windows, want)
  }

  async #lease(
    account: AccountId,
    { limit, per }: { readonly limit: number; readonly per: Window['per'] },
    { lease, want }: { readonly lease: Lease; readonly want: number },
  ): Promise<boolean> {
    const { clock, store } = this.#parts
    const missing = want - lease.left
    const { believed, period } = lease
    if (believed !== null && missing > believed.left && clock.monotonic() < believed.until) return false
    const upTo = Math.max(missing, Math.min(MOST_LEASED, Math.floor(limit * LEASED_PART)))
    const ask = { account, period: period.name, want: missing, upTo, limit }
    const { granted, used } = await store.takeQuota(ask)
    lease.left += granted
    lease.touched = true
    lease.believed =
      granted > 0 ? null : { left: Math.max(0, limit - used), until: clock.monotonic() + BELIEVED }
    this.#warnOf({ account, per, limit, used, renewsAt: period.until }, lease)
    return granted > 0
  }

  #warnOf(facts: Omit<QuotaWarning, 'level'>, lease: Lease): void {
    const { clock, ids, log, store } = this.#parts
    const level = QUOTA_LEVELS.find((one) => facts.limit > 0 && facts.used * 100 >= facts.limit * one)
    if (level === undefined || level <= lease.warned) return
    lease.warned = level
    const warning = { ...facts, level }
    const event = quotaEvent(warning, { id: ids.event(), at: clock.now() })
    store
      .claimWarning({ period: lease.period.name, level, event })
      .then((claimed) => (claimed.ok && claimed.value ? this.#warn(warning, event) : undefined))
      .catch((error: unknown) => log.error('a warning of a quota was not sent', { error: String(error) }))
  }

  #leaseOf(account: AccountId, per: Window['per']): Lease {
    const period = this.#periodOf(per)
    const name = nameOf(account, period.name)
    const known = this.#leases.get(name)
    if (known) return known
    const made: Lease = { period, left: 0, touched: true, warned: 0, believed: null }
    this.#leases.set(name, made)
    return made
  }

  #periodOf(per: Window['per']): Period {
    const now = this.#parts.clock.now()
    if (per === 'day') {
      if (this.#day === null || !isIn(this.#day, now)) this.#day = dayOf(now)
      return this.#day
    }
    if (this.#month === null || !isIn(this.#month, now)) this.#month = monthOf(now)
    return this.#month
  }

  #tick(): void {
    this.#cancel ??= this.#parts.clock.after(TURN, () => {
      this.#cancel = null
      this.#settle((lease) => !lease.touched || lease.left < 0)
        .catch((error: unknown) => this.#parts.log.warn('mail was not counted', { error: String(error) }))
        .finally(() => this.#leases.size > 0 && this.#tick())
    })
  }

  async #settle(isDue: (lease: Lease) => boolean): Promise<void> {
    const counts: QuotaCount[] = []
    const settled: { readonly name: string; readonly lease: Lease; readonly count: number }[] = []
    for (const [name, lease] of this.#leases) {
      if (isDue(lease)) {
        const [account = ''] = name.split(' ')
        if (lease.left !== 0) {
          counts.push({ account: account as AccountId, period: lease.period.name, count: -lease.left })
          settled.push({ name, lease, count: lease.left })
        } else if (!lease.touched) this.#leases.delete(name)
        lease.left = 0
      }
      lease.touched = false
    }
    if (counts.length === 0) return
    const written = await this.#parts.store.countMail(counts)
    if (written.ok) return
    for (const { count, lease, name } of settled) {
      lease.left += count
      this.#leases.set(name, lease)
    }
  }
}

const nameOf = (account: AccountId, period: QuotaPeriod): string => `${account} ${period}`

const wholeOf = (rate: number | null | undefined): number | null =>
  rate === null || rate === undefined ? null : Math.floor(rate)

/** The month is counted for everybody, the day where the plan limits it. */
function windowsOf(plan: Plan): readonly Window[] {
  const known = WINDOWS.get(plan)
  if (known) return known
  const perDay = wholeOf(plan.mailPerDay)
  const month: Window = { per: 'month', limit: wholeOf(plan.mailPerMonth) }
  const windows: readonly Window[] = perDay === null ? [month] : [{ per: 'day', limit: perDay }, month]
  WINDOWS.set(plan, windows)
  return windows
}

const WINDOWS = new WeakMap<Plan, readonly Window[]>()
