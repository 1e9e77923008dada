//
// Owns: the shape of a refusal, in session or in a report, that a reason is looked for.

/** Where it was said, as far as known. `connect` is the greeting, EHLO and STARTTLS. */
export type SaidAt = 'connect' | 'mail' | 'rcpt' | 'data' | 'unknown'

export interface Refusal {
  /** Null: nobody gave one. */
  readonly code: number | null
  /** subject.detail of RFC 3463, such as `1.1`; null without a code or for x.0.0. */
  readonly detail: string | null
  readonly text: string
  readonly saidAt: SaidAt
  /** A 4yz, or a server that is still trying. */
  readonly temporary: boolean
  /** The MX host whose words they are. */
  readonly remoteMta: string | null
}
