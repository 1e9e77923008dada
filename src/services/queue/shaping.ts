//
// Owns: how hard one lane presses: connections at once, messages a second, pauses and probes. A state machine without
// a world: what came of attempts, monotonic time and dice come in; docs/delivery.md says the same in words.
// Never: what a reply means (mail/bounces/pressure.ts), or slots and timers (lane.ts, dispatcher.ts).
//              success ▲                 ┌── slow-down, too-many-connections ──► slowed ──(healthy minutes)──┐
//                      │                 │                                                                    ▼
//   start ──► growing ─┴─► steady ───────┼── blocked, unreachable ──► paused ──(time)──► probing ──success──► growing
//                                        └◄──────────────────────────────┴───────────────────┘ failure: paused, longer

import { DAY, HOUR, MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import type { Pressure } from '../../mail/bounces/pressure.ts'
import { Blocks } from './blocks.ts'
import { Rate } from './rate.ts'
import { Tally } from './tally.ts'

export interface ShapingRules {
  /** Connections at once in the beginning. */
  readonly start: number
  readonly most: number
  /** Messages a second at most; null: as fast as it goes. */
  readonly rate: number | null
}

export type LaneState = 'growing' | 'steady' | 'slowed' | 'paused' | 'probing'
export type LaneChange = 'slowed' | 'paused' | 'probing' | 'recovered'

/** A failure that speaks of our pressing, with what it needs to be weighed. */
export interface Pressed {
  readonly pressure: Exclude<Pressure, 'none'>
  /** In the words of the peer. */
  readonly why: string
  /** Before MAIL: it speaks of our host, whoever writes to whom. */
  readonly early: boolean
  /** The domain as which the mail was signed: a block may be one sender's matter. */
  readonly sender: string
  /** Connections that were at work, the one that failed included. */
  readonly open: number
}

export interface Chance {
  readonly now: Milliseconds
  readonly dice: number
}

/** What a lane remembers over a restart; times are of the wall clock. */
export interface Remembered {
  readonly limit: number
  readonly rate: number | null
  readonly too_much: number
  readonly paused_until: Milliseconds | null
  readonly pause: PauseKind | null
  readonly pauses: number
  readonly why: string
  readonly pressed_at: Milliseconds
}

type PauseKind = 'blocked' | 'unreachable'

/** After a refusal growth waits so long, and further refusals are the same one. */
const CALM: Milliseconds = 10 * SECOND
/** After the first sign of pressure: one connection more for so many successes of each. */
const SUCCESSES_PER_CONNECTION = 20
const PAUSES: Readonly<Record<PauseKind, { readonly first: Milliseconds; readonly most: Milliseconds }>> = {
  blocked: { first: 5 * MINUTE, most: HOUR },
  unreachable: { first: 30 * SECOND, most: 10 * MINUTE },
}
/** Of a lane that has delivered before: a lost connection happens. */
const SILENCES = 3
/** A provider has forgotten by then. */
export const REMEMBERED: Milliseconds = 7 * DAY
/** ±10 %: lanes that were blocked together are not probed together. */
const SPREAD = 0.1

export class Shaping {
  readonly tally: Tally
  readonly #rules: ShapingRules
  #limit: number
  #slowStart = true
  readonly #rate: Rate
  #pressedAt: Milliseconds = Number.NEGATIVE_INFINITY
  #slowedAt: Milliseconds = Number.NEGATIVE_INFINITY
  #pause: PauseKind | null = null
  #pausedUntil: Milliseconds = 0
  #pauses = 0
  #recoveredAt: Milliseconds = Number.NEGATIVE_INFINITY
  #proven = false
  readonly #blocks = new Blocks()
  #silences = 0
  #why = ''

  constructor(rules: ShapingRules, now: Milliseconds) {
    this.#rules = rules
    this.#limit = Math.min(rules.start, rules.most)
    this.tally = new Tally(now)
    this.#rate = new Rate(this.tally)
  }

  get why(): string {
    return this.#why
  }

  /** It has delivered since its last trouble: not a stranger that may turn out to hang. */
  get proven(): boolean {
    return this.#proven
  }

  /** Worth remembering: it was pressed, and not long ago. */
  isMarked(now: Milliseconds): boolean {
    return now - this.#pressedAt < REMEMBERED
  }

  /** Connections that may be at work now. */
  connections(now: Milliseconds): number {
    if (this.#pause === null) return Math.max(1, Math.floor(this.#limit))
    return now < this.#pausedUntil ? 0 : 1
  }

  /** Messages a second; null: as fast as it goes. */
  rate(now: Milliseconds): number | null {
    const told = this.#rate.at(now)
    const { rate } = this.#rules
    if (told === null) return rate
    return rate === null ? told : Math.min(rate, told)
  }

  /** When the pause ends; null when there is none. */
  pausedUntil(now: Milliseconds): Milliseconds | null {
    return this.#pause !== null && now < this.#pausedUntil ? this.#pausedUntil : null
  }

  /** The provider said that it wants nothing from here; a probe now and then asks again. */
  get blocked(): boolean {
    return this.#pause === 'blocked'
  }

  probe(now: Milliseconds): void {
    this.#pausedUntil = Math.min(this.#pausedUntil, now)
  }

  isProbing(now: Milliseconds): boolean {
    return this.#pause !== null && now >= this.#pausedUntil
  }

  state(now: Milliseconds): LaneState {
    if (this.#pause !== null) return now < this.#pausedUntil ? 'paused' : 'probing'
    if (this.#rate.at(now) !== null || now - this.#slowedAt < MINUTE) return 'slowed'
    return this.#limit < this.#rules.most ? 'growing' : 'steady'
  }

  /** `used`: connections at work, this one included: what nobody uses does not grow. */
  delivered(now: Milliseconds, used: number, sender: string): LaneChange | null {
    this.tally.delivered(now)
    this.#proven = true
    this.#blocks.delivered(sender, now)
    if (this.#silences > 0) this.#silences -= 1
    if (this.#pause !== null) return this.#recover(now)
    if (used >= Math.floor(this.#limit)) this.#grow(now)
    return null
  }

  /** The peer said no to this mail and nothing about us: it is there. */
  answered(now: Milliseconds): LaneChange | null {
    this.tally.failed(now)
    this.#silences = 0
    return this.#pause !== null && now >= this.#pausedUntil ? this.#recover(now) : null
  }

  pressed(by: Pressed, chance: Chance): LaneChange | null {
    const { now } = chance
    this.tally.failed(now)
    if (this.#pause !== null) return this.#pressedInPause(by, chance)
    this.#pressedAt = now
    this.#why = by.why
    switch (by.pressure) {
      case 'too-many-connections':
        return this.#fewer(by.open, now)
      case 'slow-down':
        return this.#slower(now)
      case 'blocked':
        return by.early || this.#blocks.areMeantForAll(by.sender, now)
          ? this.#pauseFor('blocked', chance)
          : null
      case 'unreachable':
        this.#silences += 1
        // As many as are at work: those that are one too many break all at once, while the others deliver.
        return !this.#proven || this.#silences >= Math.max(SILENCES, by.open)
          ? this.#pauseFor('unreachable', chance)
          : null
      default:
        return by.pressure satisfies never
    }
  }

  /** Another one means that there is something new to remember. */
  stamp(now: Milliseconds): string {
    const limit = Math.floor(this.#limit)
    return `${limit} ${this.#rate.at(now)} ${this.#pause} ${this.#pausedUntil} ${this.#pressedAt}`
  }

  remember(now: Milliseconds, wall: Milliseconds): Remembered {
    return {
      limit: this.#limit,
      rate: this.#rate.at(now),
      too_much: this.#rate.tooMuch,
      paused_until: this.#pause === null ? null : Math.round(wall + this.#pausedUntil - now),
      pause: this.#pause,
      pauses: this.#pauses,
      why: this.#why,
      pressed_at: Math.round(wall + this.#pressedAt - now),
    }
  }

  /** A pause is never longer than the longest there is, whatever was done to the clock meanwhile. */
  recall(kept: Remembered, now: Milliseconds, wall: Milliseconds): void {
    this.#slowStart = false
    this.#limit = Math.min(Math.max(1, kept.limit), this.#rules.most)
    this.#rate.recall(kept.rate, kept.too_much, now)
    this.#pressedAt = now - Math.max(0, wall - kept.pressed_at)
    this.#why = kept.why
    this.#pauses = kept.pauses
    this.#pause = kept.pause
    if (kept.pause === 'blocked') this.#rate.rest()
    if (kept.pause === null || kept.paused_until === null) return
    const left = Math.max(0, kept.paused_until - wall)
    this.#pausedUntil = now + Math.min(left, PAUSES[kept.pause].most * (1 + SPREAD))
  }

  #grow(now: Milliseconds): void {
    if (this.#limit >= this.#rules.most || now - this.#pressedAt < CALM) return
    const more = this.#slowStart ? 1 : 1 / (SUCCESSES_PER_CONNECTION * this.#limit)
    this.#limit = Math.min(this.#rules.most, this.#limit + more)
  }

  /** Each refusal is one connection too many; the last one left is a matter of pace. */
  #fewer(open: number, now: Milliseconds): LaneChange | null {
    const allowed = Math.min(this.#limit, open)
    if (allowed < 2) return this.#slower(now)
    const first = now - this.#slowedAt >= CALM
    this.#slowStart = false
    this.#limit = allowed - 1
    this.#slowedAt = now
    return first ? 'slowed' : null
  }

  #slower(now: Milliseconds): LaneChange | null {
    // Replies to what was under way when the first one came tell nothing new.
    if (now - this.#slowedAt < CALM) return null
    this.#rate.slow(now)
    this.#slowedAt = now
    this.#slowStart = false
    this.#limit = Math.max(1, this.#limit / 2)
    return 'slowed'
  }

  #pressedInPause(by: Pressed, chance: Chance): LaneChange | null {
    const { now } = chance
    // What was under way when the pause began; the probe is alone.
    if (now < this.#pausedUntil || by.open > 1) return null
    this.#pressedAt = now
    this.#why = by.why
    const talks = by.pressure === 'slow-down' || by.pressure === 'too-many-connections'
    if (this.#pause === 'unreachable' && talks) {
      this.#recover(now)
      return this.#slower(now)
    }
    return this.#pauseFor(by.pressure === 'unreachable' ? 'unreachable' : 'blocked', chance)
  }

  #pauseFor(kind: PauseKind, { now, dice }: Chance): LaneChange {
    const { first, most } = PAUSES[kind]
    if (this.#pause === null) {
      // After a while of health the story begins anew.
      if (now - this.#recoveredAt > HOUR) this.#pauses = 0
      // It let some through and wants none again: that was too much at once.
      else if (kind === 'blocked') this.#rate.slow(now)
    } else if (this.#pause !== kind) this.#pauses = 0
    const length = Math.min(most, first * 2 ** this.#pauses)
    this.#pauses = Math.min(this.#pauses + 1, 16)
    this.#pause = kind
    this.#pausedUntil = now + Math.round(length * (1 - SPREAD + dice * 2 * SPREAD))
    this.#proven = false
    if (kind === 'blocked') this.#rate.rest()
    return 'paused'
  }

  #recover(now: Milliseconds): LaneChange {
    if (this.#pause === 'unreachable') this.#pauses = 0
    this.#pause = null
    this.#blocks.forget()
    this.#silences = 0
    this.#recoveredAt = now
    this.#rate.goOn(now)
    this.#limit = Math.min(this.#rules.start, this.#rules.most)
    this.#slowStart = true
    this.#pressedAt = now - CALM
    return 'recovered'
  }
}
