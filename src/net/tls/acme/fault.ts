//
// Owns: why a certification authority gave no certificate: as a value, and in words with what to do. Pure.

import type { Milliseconds } from '../../../core/time.ts'

export interface AcmeFault {
  /**
   * `away`: it was not reached, or answered with nothing that can be read. `refused`: it said no. `limited`: it wants less
   * (429). `ours`: what we hold cannot be used.
   */
  readonly kind: 'away' | 'refused' | 'limited' | 'ours'
  /** The last word of urn:ietf:params:acme:error:…; empty without one. */
  readonly type: string
  /** The authority's own words, or ours. */
  readonly detail: string
  /** How long it wants us to wait; null: it does not say. */
  readonly retryAfter: Milliseconds | null
}

/** Longer words of a peer are cut: they stand in lists and logs. */
const MAX_WORDS = 400

export const away = (detail: string, retryAfter: Milliseconds | null = null): AcmeFault => ({
  kind: 'away',
  type: '',
  detail: words(detail),
  retryAfter,
})

export const ours = (detail: string): AcmeFault => ({
  kind: 'ours',
  type: '',
  detail: words(detail),
  retryAfter: null,
})

/** Control characters of a peer end in nobody's terminal. */
const words = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, MAX_WORDS)

/** What an answer of that status with that body says (RFC 7807, RFC 8555 §6.7). */
export function faultOf(status: number, body: string, retryAfter: Milliseconds | null): AcmeFault {
  const problem = problemIn(body)
  if (problem === null) {
    const kind = status === 429 ? 'limited' : status >= 500 || status < 400 ? 'away' : 'refused'
    return { kind, type: '', detail: `it answered with ${status} and no reason`, retryAfter }
  }
  return problemFault(problem, { status, retryAfter })
}

export interface Problem {
  readonly type?: unknown
  readonly detail?: unknown
  readonly subproblems?: unknown
}

export function problemFault(
  problem: Problem,
  { status, retryAfter }: { readonly status: number; readonly retryAfter: Milliseconds | null },
): AcmeFault {
  const type = typeof problem.type === 'string' ? (problem.type.split(':').at(-1) ?? '').slice(0, 60) : ''
  const said = typeof problem.detail === 'string' ? problem.detail : ''
  const detail = words(said === '' ? `it answered with ${status}` : said)
  if (status === 429 || type === 'rateLimited')
    return { kind: 'limited', type: 'rateLimited', detail, retryAfter }
  const itsOwn = status >= 500 || type === 'serverInternal'
  return { kind: itsOwn ? 'away' : 'refused', type, detail, retryAfter }
}

function problemIn(body: string): Problem | null {
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null && 'type' in parsed ? parsed : null
  } catch {
    return null
  }
}

/** What an operator can do about it. */
export function remedyOf({ kind, type }: AcmeFault, host: string): string {
  if (kind === 'away')
    return 'nothing to do if it passes: it is tried again. Else see tls.acme_directory and the way out of this machine'
  if (kind === 'ours') return 'it is tried again with a new order; if it stays, ask for help with the log'
  return (
    REMEDIES[type]?.(host) ??
    (kind === 'limited' ? LIMITED : 'read the reason above; then run: mailwok tls renew')
  )
}

const LIMITED =
  'wait: MailWok tries again when the authority allows it. While you try things out set tls.acme_staging = true'
const REACH = (host: string): string =>
  `http://${host}/.well-known/acme-challenge/ on port 80 must reach this server: look at the firewall, at tls.acme_http, and at a proxy before it; then run: mailwok tls renew ${host}`

const REMEDIES: Readonly<Record<string, (host: string) => string>> = {
  unauthorized: REACH,
  connection: REACH,
  incorrectResponse: REACH,
  malformed: () =>
    'the authority does not understand us: see that tls.acme_directory is the URL of an ACME directory',
  tls: REACH,
  dns: (host) =>
    `publish an A or AAAA record of ${host} that leads here; then run: mailwok tls renew ${host}`,
  caa: (host) => `a CAA record of ${host} or a domain above it forbids this authority: add one that names it`,
  rejectedIdentifier: (host) =>
    `this authority issues nothing for ${host}: take another name or another authority`,
  unsupportedIdentifier: (host) =>
    `this authority issues nothing for ${host}: take another name or another authority`,
  rateLimited: () => LIMITED,
  externalAccountRequired: () => 'set tls.acme_eab_kid and tls.acme_eab_key to what the authority gave you',
  userActionRequired: () =>
    'the authority has new terms: read them at the address above, then run: mailwok tls renew',
  invalidContact: () => 'set server.operator to an address that the authority takes',
  unsupportedContact: () => 'set server.operator to an address that the authority takes',
}
