//
// Owns: what was found of one thing that receivers look up about a sending domain.

/** `unknown`: no name server gave an answer that counts. */
export type FindingState = 'ok' | 'missing' | 'wrong' | 'warning' | 'unknown'

export type FindingCheck =
  | 'dkim'
  | 'return_path_mx'
  | 'return_path_spf'
  | 'spf'
  | 'dmarc'
  | 'mx'
  | 'tracking'
  | 'mta_sts'
  | 'bimi'

export interface Finding {
  readonly check: FindingCheck
  readonly state: FindingState
  /** The name that was asked for. */
  readonly name: string
  readonly type: 'TXT' | 'MX' | 'CNAME'
  /** What stands there, as published. */
  readonly found: readonly string[]
  /** What is so, in a sentence. */
  readonly message: string
  /** What to do, in a sentence; empty where nothing is to be done. */
  readonly fix: string
  /** Without it the domain is not verified. */
  readonly required: boolean
}
