//
// Owns: what a peer offers in its EHLO reply (RFC 5321 §4.1.1.1). Pure.

import type { Reply } from '../../core/reply.ts'

export interface Capabilities {
  /** RFC 2920. */
  readonly pipelining: boolean
  /** RFC 6152. */
  readonly eightBitMime: boolean
  /** RFC 6531. */
  readonly smtpUtf8: boolean
  /** RFC 3207. */
  readonly startTls: boolean
  /** RFC 1870: octets; 0 is offered without a limit, null is not offered. */
  readonly size: number | null
  /** RFC 3461. */
  readonly dsn: boolean
  /** RFC 8689 §3. */
  readonly requireTls: boolean
  /** RFC 4954: the mechanisms, in upper case. */
  readonly auth: readonly string[]
}

/** What a peer without EHLO can do. */
export const NO_CAPABILITIES: Capabilities = {
  pipelining: false,
  eightBitMime: false,
  smtpUtf8: false,
  startTls: false,
  size: null,
  dsn: false,
  requireTls: false,
  auth: [],
}

export function parseCapabilities(ehlo: Reply): Capabilities {
  // The first line is the greeting, not a keyword.
  const [, ...lines] = ehlo.text.split('\n')
  const offered = new Map<string, readonly string[]>()
  for (const line of lines) {
    const [keyword = '', ...parameters] = line.trim().toUpperCase().split(/[ =]+/)
    const known = offered.get(keyword)
    // Some say AUTH twice, the second time with "=" for clients of another age.
    offered.set(keyword, known === undefined ? parameters : [...known, ...parameters])
  }
  const size = offered.get('SIZE')?.[0]
  return {
    pipelining: offered.has('PIPELINING'),
    eightBitMime: offered.has('8BITMIME'),
    smtpUtf8: offered.has('SMTPUTF8'),
    startTls: offered.has('STARTTLS'),
    size: !offered.has('SIZE') ? null : size !== undefined && /^\d{1,15}$/.test(size) ? Number(size) : 0,
    dsn: offered.has('DSN'),
    requireTls: offered.has('REQUIRETLS'),
    auth: offered.get('AUTH') ?? [],
  }
}
