//
// Owns: from figures to a verdict: may marketing mail go on. The limits are those at which large receivers begin to treat
// all mail of a sender as unwanted. Pure.
// Never: time, a store, or whom it concerns.

/** Of the last seven days. */
export interface SendingFigures {
  /** Mail that has an answer: taken, or refused for good. What waits says nothing about addresses. */
  readonly sent: number
  /** Addresses that are unusable; some of them after they were taken. */
  readonly hardBounced: number
  /** At providers that report complaints. */
  readonly delivered: number
  readonly complained: number
}

export type Level = 'ok' | 'warned' | 'paused'

export interface Finding {
  readonly of: 'complaints' | 'hard_bounces'
  readonly level: Level
  readonly count: number
  readonly among: number
}

interface Limit {
  /** Per thousand: whole numbers have no rounding. */
  readonly warn: number
  readonly pause: number
  readonly fromCount: number
  readonly fromAmong: number
}

export const LIMITS: Readonly<Record<Finding['of'], Limit>> = {
  // One angry reader of a small list is no rate.
  complaints: { warn: 1, pause: 3, fromCount: 3, fromAmong: 1_000 },
  hard_bounces: { warn: 20, pause: 50, fromCount: 1, fromAmong: 200 },
}

export function findings(figures: SendingFigures): readonly Finding[] {
  return [
    found('complaints', figures.complained, figures.delivered),
    found('hard_bounces', figures.hardBounced, figures.sent),
  ]
}

/** The worst of them. */
export function levelOf(all: readonly Finding[]): Level {
  if (all.some(({ level }) => level === 'paused')) return 'paused'
  return all.some(({ level }) => level === 'warned') ? 'warned' : 'ok'
}

function found(of: Finding['of'], count: number, among: number): Finding {
  const { fromAmong, fromCount, pause, warn } = LIMITS[of]
  const isEnough = count >= fromCount && among >= fromAmong
  const reaches = (limit: number): boolean => isEnough && count * 1_000 >= among * limit
  return { of, level: reaches(pause) ? 'paused' : reaches(warn) ? 'warned' : 'ok', count, among }
}
