//
// Owns: judging who has sent, a few times a minute, by what is counted; what comes of it is in the store before anybody
// is told that it is so, and holds until somebody resumes it.
// Never: what figures mean (judge.ts), or what follows from what stands (decide.ts).

import type { AccountId } from '../../core/ids.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { DAY, MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import type { SendingState, SendingStore } from '../../store/sending-store.ts'
import { dayOf, type StatsStore } from '../../store/stats-store.ts'
import { reportersIn } from '../stats/counting.ts'
import { type Decision, decide, windowFrom } from './decide.ts'
import { type Facts, factsOf, readFacts, type SendingFacts } from './facts.ts'
import { type Finding, findings, levelOf } from './judge.ts'
import { figuresOf, keyOf, type Sending, type Sums, sendingsIn, together, without } from './sums.ts'
import { reasonOf, remedyOf, whose } from './words.ts'

export interface WatchParts {
  readonly stats: Pick<StatsStore, 'totals'>
  readonly sending: SendingStore
  readonly nameOf: (account: AccountId) => Promise<string>
  /** Tells the operator; the same key tells him once. */
  readonly alert: (alert: SendingAlert) => Promise<void>
  /** Something stands that did not: the door and the queue shall know. */
  readonly changed: () => Promise<void>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

export interface SendingAlert {
  readonly state: SendingState
  readonly whose: string
  readonly account: string
  readonly remedy: string
  readonly key: string
}

const JUDGE_EVERY: Milliseconds = 10 * SECOND
/** Those who are warned or were resumed: days pass also for who sends nothing. */
const LOOK_AGAIN_EVERY: Milliseconds = MINUTE
/** Domains times providers of one account. */
const MAX_NAMES = 100_000

/** What is known while an account is judged. */
interface Round {
  readonly account: AccountId
  readonly reporters: ReadonlySet<string>
  readonly now: Milliseconds
  /** Null: there is more to count. */
  readonly upTo: Milliseconds | null
}

export class Watch {
  readonly #parts: WatchParts
  readonly #due = new Set<AccountId>()
  #judgedAt = Number.NEGATIVE_INFINITY
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(parts: WatchParts) {
    this.#parts = parts
  }

  /** These accounts have sent; all that happened before `upTo` is counted, if that is so. */
  async counted(accounts: Iterable<AccountId>, upTo: Milliseconds | null): Promise<void> {
    for (const account of accounts) this.#due.add(account)
    const { clock, sending, stats } = this.#parts
    const at = clock.monotonic()
    if (at - this.#judgedAt < JUDGE_EVERY) return
    this.#judgedAt = at
    const states = await sending.list(null)
    const looksAgain = at - this.#lookedAt >= LOOK_AGAIN_EVERY
    if (looksAgain) this.#lookedAt = at
    for (const { accountId, facts, state } of states) {
      if (state !== 'paused' && (looksAgain || readFacts(facts).resumed?.before === null)) {
        this.#due.add(accountId)
      }
    }
    if (this.#due.size === 0) return
    const reporters = new Set(await reportersIn(stats))
    let changes = 0
    for (const account of [...this.#due]) {
      const own = states.filter(({ accountId }) => accountId === account)
      changes += await this.#judge({ account, reporters, now: clock.now(), upTo }, own)
      this.#due.delete(account)
    }
    if (changes > 0) await this.#parts.changed()
  }

  /** From the narrow to the wide: what a domain is judged for is not held against its whole account once more. */
  async #judge(round: Round, states: readonly SendingState[]): Promise<number> {
    const standing = new Map(states.map((state) => [keyOf(state), state]))
    const sendings = new Map(
      (await this.#sums(round.account, windowFrom(round.now))).map((one) => [keyOf(one), one]),
    )
    // Who has sent nothing for a week has nothing against him.
    for (const state of states) {
      if (!sendings.has(keyOf(state))) sendings.set(keyOf(state), { ...state, sums: {} })
    }
    let changes = 0
    let explained: Sums = {}
    for (const kind of NARROW_FIRST) {
      let more: Sums = {}
      for (const [key, sending] of sendings) {
        if (sending.kind !== kind) continue
        const one = await this.#one(round, { sending, before: standing.get(key) ?? null, explained })
        if (one.changed) changes += 1
        more = together(more, one.explains)
      }
      explained = together(explained, more)
    }
    return changes
  }

  async #one(
    round: Round,
    { before, explained, sending }: Place,
  ): Promise<{ readonly changed: boolean; readonly explains: Sums }> {
    const { forgiven, judged, resumed } = await this.#since(round, sending, before)
    if (judged === null) return { changed: false, explains: forgiven }
    const figures = figuresOf(without(judged, explained), round.reporters)
    const found = findings(figures)
    const level = levelOf(found)
    const explains = level === 'ok' ? forgiven : sending.sums
    const resumedAt = resumed?.at ?? null
    const decision = decide({ ...sending, level, before: before?.state ?? null, resumedAt })
    if (decision === 'keep') return { changed: false, explains }
    const facts = factsOf({ figures, resumed })
    return { changed: await this.#decided(decision, { round, sending, before, found, facts }), explains }
  }

  /** What it is judged by. */
  async #since(round: Round, sending: Sending, before: SendingState | null): Promise<Since> {
    const { sums } = sending
    if (before?.state === 'paused') return { judged: null, forgiven: sums, resumed: null }
    const resumed = before === null ? null : readFacts(before.facts).resumed
    if (before === null || resumed === null || dayOf(resumed.at) < windowFrom(round.now)) {
      return { judged: sums, forgiven: {}, resumed: null }
    }
    if (resumed.before === null) {
      await this.#noteBefore(round, sending, before, resumed.at)
      return { judged: null, forgiven: sums, resumed }
    }
    const all = await this.#sumsOf(round.account, sending, dayOf(resumed.at))
    const judged = without(all, resumed.before)
    return { judged, forgiven: without(sums, judged), resumed }
  }

  /** What had happened when it was resumed; known as soon as all of it is counted. */
  async #noteBefore(
    { account, upTo }: Round,
    sending: Sending,
    state: SendingState,
    at: Milliseconds,
  ): Promise<void> {
    if (upTo === null || upTo <= at) return
    const facts = readFacts(state.facts)
    const before = await this.#sumsOf(account, sending, dayOf(at))
    await this.#parts.sending.set({ ...state, facts: factsOf({ ...facts, resumed: { at, before } }) }, state)
  }

  async #decided(
    decision: Exclude<Decision, 'keep'>,
    { before, facts, found, round, sending }: Decided,
  ): Promise<boolean> {
    const { log, meter, sending: store } = this.#parts
    const { account, now } = round
    const { kind, name } = sending
    if (decision === 'remove') {
      if (before !== null) await store.remove(before)
      return false
    }
    const reason = decision === 'resumed' ? '' : reasonOf(found)
    const state: SendingState = { accountId: account, kind, name, state: decision, reason, facts, since: now }
    if (decision !== 'resumed') await this.#tell(state, before, found)
    const set = await store.set(state, before)
    if (!set.ok) throw new Error(`the store does not take it: ${set.error}`)
    if (!set.value || decision === 'resumed') return false
    meter.count('sending_changes_total', 1, { state: decision })
    const say = decision === 'paused' ? 'marketing mail is paused' : 'marketing mail is near a limit'
    log.warn(say, { account, kind, name, reason })
    return decision === 'paused'
  }

  /** Before it is so: a crash in between tells him again, and the key makes one letter of both. */
  async #tell(state: SendingState, before: SendingState | null, found: readonly Finding[]): Promise<void> {
    const { alert, nameOf } = this.#parts
    const { accountId, kind, name } = state
    const account = await nameOf(accountId)
    // Of a figure that goes up and down around a limit one letter a day.
    const turn = before?.state === 'resumed' ? before.since : dayOf(state.since)
    const key = `sending-${state.state}:${accountId}:${kind}:${name}:${turn}`
    await alert({ state, account, key, whose: whose(state, account), remedy: remedyOf(found) })
  }

  async #sums(account: AccountId, from: Milliseconds): Promise<readonly Sending[]> {
    const to = dayOf(this.#parts.clock.now()) + DAY
    const ask = { account, dimension: 'feedback', from, to, limit: MAX_NAMES } as const
    return sendingsIn(await this.#parts.stats.totals(ask))
  }

  async #sumsOf(account: AccountId, sending: Sending, from: Milliseconds): Promise<Sums> {
    return (await this.#sums(account, from)).find((one) => keyOf(one) === keyOf(sending))?.sums ?? {}
  }
}

const NARROW_FIRST = ['domain', 'stream', 'account'] as const

interface Place {
  readonly sending: Sending
  readonly before: SendingState | null
  /** What others are judged for already. */
  readonly explained: Sums
}

interface Since {
  /** Null: it is not judged now. */
  readonly judged: Sums | null
  /** What counts against nobody any more. */
  readonly forgiven: Sums
  readonly resumed: SendingFacts['resumed']
}

interface Decided {
  readonly round: Round
  readonly sending: Sending
  readonly before: SendingState | null
  readonly found: readonly Finding[]
  readonly facts: Facts
}
