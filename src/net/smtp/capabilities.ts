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
}

/** What a peer without EHLO can do. */
export const NO_CAPABILITIES: Capabilities = {
  pipelining: false,
  eightBitMime: false,
  smtpUtf8: false,
  startTls: false,
  size: null,
}

export function parseCapabilities(ehlo: Reply): Capabilities {
  // The first line is the greeting, not a keyword.
  const [, ...lines] = ehlo.text.split('\n')
  const offered = new Map<string, string>()
  for (const line of lines) {
    const [keyword = '', parameter = ''] = line.trim().split(/[ =]+/)
    offered.set(keyword.toUpperCase(), parameter)
  }
  const size = offered.get('SIZE')
  return {
    pipelining: offered.has('PIPELINING'),
    eightBitMime: offered.has('8BITMIME'),
    smtpUtf8: offered.has('SMTPUTF8'),
    startTls: offered.has('STARTTLS'),
    size: size === undefined ? null : /^\d{1,15}$/.test(size) ? Number(size) : 0,
  }
}
