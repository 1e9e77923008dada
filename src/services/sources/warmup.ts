//
// Owns: how fast an address may come to be known at a provider: a budget of marketing mail per day that grows while the
// provider is content with us. Pure.
// Never: memory or time (ledger.ts), or which mail a budget binds (queue/placement.ts).

import type { Milliseconds } from '../../core/time.ts'

/** One of our addresses at one provider, on one day. */
export interface Warmth {
  /** Days since the epoch, UTC. */
  readonly day: number
  /** Mails on `day`; what is not marketing counts as traffic and never waits for it. */
  readonly budget: number
  /** What the provider took or refused for good. */
  readonly sent: number
  /** What it put off for a reason that is ours. */
  readonly deferred: number
  readonly hardBounced: number
  readonly complained: number
  /** Replies that said we are not wanted. */
  readonly blocked: number
  /** Once warm, there is no budget any more. */
  readonly warmAt: Milliseconds | null
}

/** What one answer of a provider was. */
export type Answered = 'sent' | 'deferred' | 'hard-bounced' | 'complained' | 'blocked'

export const FIRST_BUDGET = 50
/** A block halves the budget, but whoever sends nothing at all learns nothing. */
export const LEAST_BUDGET = 25
/** Who sends as much to one provider is a known sender there. */
export const WARM_BUDGET = 20_000
const GROWTH = 1.5
/** A day on which less of the budget was used proves nothing. */
const MEANINGFUL_USE = 0.5
const MOST_DEFERRED = 0.05
const MOST_HARD_BOUNCED = 0.02
/** Large providers act on complaints from 0.1 % on. */
const MOST_COMPLAINED = 0.001

export const coldOn = (day: number): Warmth => ({
  day,
  budget: FIRST_BUDGET,
  sent: 0,
  deferred: 0,
  hardBounced: 0,
  complained: 0,
  blocked: 0,
  warmAt: null,
})

/** The same on `day`: a day that is over is judged, once. A clock that went back changes nothing. */
export function onDay(warmth: Warmth, day: number, now: Milliseconds): Warmth {
  if (day <= warmth.day) return warmth
  const grows = warmth.warmAt === null && isMeaningful(warmth) && isHealthy(warmth)
  const budget = grows ? Math.round(warmth.budget * GROWTH) : warmth.budget
  const warmAt = warmth.warmAt ?? (budget >= WARM_BUDGET ? now : null)
  return { ...coldOn(day), budget: Math.min(budget, WARM_BUDGET), warmAt }
}

export function after(warmth: Warmth, answered: Answered): Warmth {
  switch (answered) {
    case 'sent':
      return { ...warmth, sent: warmth.sent + 1 }
    case 'deferred':
      return { ...warmth, deferred: warmth.deferred + 1 }
    case 'hard-bounced':
      return { ...warmth, sent: warmth.sent + 1, hardBounced: warmth.hardBounced + 1 }
    case 'complained':
      return { ...warmth, complained: warmth.complained + 1 }
    case 'blocked':
      return { ...warmth, blocked: warmth.blocked + 1, budget: budgetAfterBlock(warmth) }
    default:
      return answered satisfies never
  }
}

/** Once a day: a hundred replies to what was under way when the block began are one block. */
function budgetAfterBlock({ budget, blocked }: Warmth): number {
  return blocked > 0 ? budget : Math.max(LEAST_BUDGET, Math.floor(budget / 2))
}

export function isHealthy({ sent, deferred, hardBounced, complained, blocked }: Warmth): boolean {
  if (blocked > 0) return false
  return (
    isLess(deferred, MOST_DEFERRED, sent + deferred) &&
    isLess(hardBounced, MOST_HARD_BOUNCED, sent) &&
    isLess(complained, MOST_COMPLAINED, sent)
  )
}

const isMeaningful = ({ sent, budget }: Warmth): boolean => sent >= budget * MEANINGFUL_USE

const isLess = (part: number, share: number, whole: number): boolean => part === 0 || part < share * whole

/** What is left of the day for marketing. */
export const roomOf = ({ budget, sent, warmAt }: Warmth): number =>
  warmAt === null ? Math.max(0, budget - sent) : Number.POSITIVE_INFINITY
