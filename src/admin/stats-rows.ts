//
// Owns: what the operator asks about what became of mail, and what he is answered. Keys as in the REST API.

import type { StatsWords } from '../services/stats/ask.ts'
import type { StatsReport } from '../services/stats/stats.ts'

/** The words as they stand on the command line; null: not given. */
export interface StatsShowAsk extends StatsWords {
  /** By name. */
  readonly account: string
}

export type StatsTold = StatsReport
