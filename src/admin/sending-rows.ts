//
// Owns: what an operator is told of who is warned, paused and resumed. Keys as in the REST API.

export interface SendingRow {
  readonly account: string
  readonly kind: 'account' | 'domain' | 'stream'
  readonly name: string
  readonly state: 'warned' | 'paused' | 'resumed'
  readonly since: string
  /** Empty for what was resumed. */
  readonly reason: string
}

export interface SendingResumeAsk {
  /** A domain, a stream, or an account by its name. */
  readonly name: string
  /** Null: of any account, if only one has it. */
  readonly account: string | null
}
