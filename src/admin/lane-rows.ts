//
// Owns: what an operator is told of lanes. Keys as in admin.ts.

export interface LaneRow {
  readonly provider: string
  /** Empty: the choice is the system's. */
  readonly source: string
  readonly state: 'growing' | 'steady' | 'slowed' | 'paused' | 'probing'
  /** At work, and how many may be. */
  readonly connections: number
  readonly limit: number
  /** Messages a second at most; null: as fast as it goes. */
  readonly per_second: number | null
  /** In memory; the rest waits in the store (`mailwok queue list`). */
  readonly waiting: number
  /** Attempts of the last five minutes: taken by the receiver, and not (put off or refused, for whatever reason). */
  readonly delivered: number
  readonly not_taken: number
  readonly paused_until: string | null
  /** In the words of the peer. */
  readonly why: string
}
