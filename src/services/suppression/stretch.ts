//
// Owns: one stretch of the log thought through on copies: what it would put on the list, whose strikes it counts, and
// which providers' words it doubts. Nothing of it holds before the commit. No world.

import { domainOf } from '../../core/address.ts'
import type { MailEvent } from '../../core/event.ts'
import { DAY, type Milliseconds } from '../../core/time.ts'
import type { Lesson, Strike } from '../../store/suppression-store.ts'
import type { Again } from './again.ts'
import { type AnomalyLimits, Watch } from './anomaly.ts'
import type { Reached } from './reached.ts'
import type { Says } from './verdict.ts'

export interface Anomaly {
  readonly provider: string
  readonly lost: number
  readonly seen: number
  readonly takenBack: number
  readonly at: Milliseconds
}

/** A second strike within this proves that the mailbox stays switched off. */
const STRIKE_LIFE: Milliseconds = 30 * DAY
/** Receivers' words are kept for people, and lists are long. */
const MAX_NOTE = 300
/** Domains that do not exist have no receiver: their answers come from the DNS, and it can fail like any other. */
const DNS = '(dns)'

export type Told = MailEvent & { readonly type: 'email.delivered' | 'email.bounced' | 'email.complained' }
export interface Heard {
  readonly event: Told
  readonly says: Exclude<Says, { kind: 'nothing' }>
  readonly key: string
  readonly hash: number
}

export interface StretchFacts {
  readonly again: Again
  readonly reached: Reached
  readonly strikes: Map<string, Strike>
  readonly watches: ReadonlyMap<string, Watch>
  readonly limits: AnomalyLimits
  readonly hardBounce: Milliseconds
  readonly providerOf: (mx: string) => string
}

type NewEntry = Lesson['suppress'][number]

export class Stretch {
  readonly watches: Map<string, Watch>
  readonly #facts: StretchFacts
  readonly #copied = new Set<string>()
  readonly #weighed = new Set<string>()
  readonly #fresh = new Set<number>()
  readonly #struck = new Map<string, Strike>()
  readonly #forgiven = new Map<string, Strike>()
  readonly #anomalies = new Map<string, Omit<Anomaly, 'takenBack'>>()
  readonly #suppress: NewEntry[] = []

  constructor(facts: StretchFacts) {
    this.#facts = facts
    this.watches = new Map(facts.watches)
  }

  get anomalies(): readonly Omit<Anomaly, 'takenBack'>[] {
    return [...this.#anomalies.values()]
  }

  hear(heard: Heard): void {
    const { event, says } = heard
    switch (says.kind) {
      case 'alive':
        this.#alive(heard)
        break
      case 'gone':
        this.#gone(heard)
        break
      case 'strike':
        this.#strike(heard)
        break
      case 'unwanted':
        this.#suppress.push({
          ...entryOf(heard, says.note),
          scope: 'marketing',
          reason: says.reason,
          expiresAt: null,
          provider: '',
        })
        break
      default:
        throw new Error(`${event.id} says ${says satisfies never}`)
    }
  }

  /**
   * What others have learned from already, for the watches alone. An address that was reached in these very minutes for
   * the first time counts as one that was known: that may hide a small anomaly after a start, and makes none.
   */
  recall({ event, says, hash }: Heard): void {
    const isLate = event.type === 'email.bounced' && event.late === true
    if (isLate || !this.#facts.reached.has(hash)) return
    if (says.kind === 'gone') this.#watch(this.#providerOf(event)).lost(hash, event.at)
    if (says.kind !== 'alive') return
    this.#watch(this.#providerOf(event)).well(event.at)
    this.#watch(DNS).well(event.at)
  }

  lesson(): Lesson {
    const { limits, reached } = this.#facts
    for (const { provider, createdAt } of this.#suppress) {
      if (provider !== '') this.#weigh(provider, createdAt)
    }
    // In order: the writer then walks its tree in one direction.
    const fresh = [...this.#fresh].sort((one, other) => one - other)
    return {
      suppress: this.#suppress.filter((entry) => !this.#anomalies.has(entry.provider)),
      strike: [...this.#struck.values()],
      forgive: [...this.#forgiven.values()],
      takeBack: this.anomalies.map(({ provider, at }) => ({ provider, since: at - limits.window })),
      reached: fresh,
      forgetReachedFrom: reached.cutFor(fresh),
    }
  }

  #weigh(provider: string, at: Milliseconds): void {
    if (this.#weighed.has(provider)) return
    this.#weighed.add(provider)
    const { anomalous, lost, seen } = this.#watch(provider).weigh(at, this.#facts.reached.share)
    if (anomalous) this.#anomalies.set(provider, { provider, lost, seen, at })
  }

  #alive(heard: Heard): void {
    const { event, hash, key } = heard
    const { reached, strikes } = this.#facts
    const place = `${event.accountId} ${key}`
    const strike = this.#struck.get(place) ?? strikes.get(place)
    if (strike !== undefined) {
      this.#struck.delete(place)
      this.#forgiven.set(place, strike)
    }
    if (!reached.isSampled(hash)) return
    if (!this.#wasReached(hash)) {
      this.#fresh.add(hash)
      return
    }
    const provider = this.#providerOf(event)
    this.#watch(provider).well(event.at)
    this.#watch(DNS).well(event.at)
    // Known beyond this stretch even if its commit fails: then the same stretch comes again.
    this.#facts.again.note(hash, provider, event.at)
  }

  #strike(heard: Heard): void {
    const { event, key } = heard
    const place = `${event.accountId} ${key}`
    const before = this.#forgiven.has(place)
      ? undefined
      : (this.#struck.get(place) ?? this.#facts.strikes.get(place))
    this.#forgiven.delete(place)
    const counts = before !== undefined && event.at - before.lastAt <= STRIKE_LIFE
    const count = counts ? before.count + 1 : 1
    this.#struck.set(place, { accountId: event.accountId, recipient: key, count, lastAt: event.at })
    if (count > 1) this.#gone(heard)
  }

  /** Whether it is believed is weighed at the end of the stretch, with all that came beside it. */
  #gone(heard: Heard): void {
    const { event, hash } = heard
    const provider = this.#providerOf(event, hash)
    // Who takes first and sends back later has "reached" the address by the very message that came back.
    const isLate = event.type === 'email.bounced' && event.late === true
    const isLost = isLate ? this.#facts.again.providerOf(hash, event.at) !== null : this.#wasReached(hash)
    if (isLost) this.#watch(provider).lost(hash, event.at)
    this.#suppress.push({
      ...entryOf(heard, event.type === 'email.bounced' ? event.failure.diagnostic : ''),
      scope: '',
      reason: 'hard_bounce',
      expiresAt: event.at + this.#facts.hardBounce,
      provider,
    })
  }

  #wasReached(hash: number): boolean {
    return this.#facts.reached.has(hash) || this.#fresh.has(hash)
  }

  #watch(provider: string): Watch {
    const known = this.watches.get(provider)
    if (known && this.#copied.has(provider)) return known
    const own = known?.copy() ?? new Watch(this.#facts.limits)
    this.watches.set(provider, own)
    this.#copied.add(provider)
    return own
  }

  #providerOf(event: Told, hash: number | null = null): string {
    const isLate = event.type === 'email.bounced' && event.late === true
    // Whose word a late bounce is, is told by who took the mail: the host that the report names may be anywhere behind.
    const taker = isLate && hash !== null ? this.#facts.again.providerOf(hash, event.at) : null
    if (taker !== null) return taker
    const mx = event.type === 'email.complained' ? null : event.peer.mx
    if (mx !== null) return this.#facts.providerOf(mx)
    return isLate ? domainOf(event.recipient) : DNS
  }
}

const entryOf = ({ event, key }: Heard, note: string) => ({
  accountId: event.accountId,
  recipient: key,
  eventId: event.id,
  note: note
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, MAX_NOTE)
    .toWellFormed(),
  createdAt: event.at,
})
