//
// Owns: the words for what others report about mail in our domains' names, as kept: DMARC aggregates and TLS sessions.

import type { Milliseconds } from '../../core/time.ts'

export interface ReportHead {
  /** The domain that it is about, lower case. */
  readonly domain: string
  /** Who reports. */
  readonly organization: string
  /** Unique for the reporter alone. */
  readonly reportId: string
  readonly beginAt: Milliseconds
  readonly endAt: Milliseconds
}

export interface DmarcReport extends ReportHead {
  readonly kind: 'dmarc'
  readonly body: {
    readonly contact: string
    /** As the reporter found it published: p, sp, adkim, aspf and so on. */
    readonly policy: Readonly<Record<string, string>>
    readonly rows: readonly DmarcRow[]
    /** Rows beyond MAX_ROWS were left out. */
    readonly truncated: boolean
  }
}

export interface DmarcRow {
  readonly source_ip: string
  readonly count: number
  readonly disposition: string
  /** Aligned results (RFC 7489 §3.1): `pass` or `fail`. */
  readonly dkim: string
  readonly spf: string
  readonly header_from: string
  readonly envelope_from: string
  /** Why the policy was not followed, as `type: comment`. */
  readonly reasons: readonly string[]
  /** What was found before alignment, as `domain selector result` and `domain result`. */
  readonly dkim_results: readonly string[]
  readonly spf_results: readonly string[]
}

export interface TlsReport extends ReportHead {
  readonly kind: 'tls'
  readonly body: {
    readonly contact: string
    readonly policies: readonly TlsPolicyRow[]
  }
}

/** RFC 8460 §4.4, in its words. */
export interface TlsPolicyRow {
  readonly policy_type: string
  readonly policy_domain: string
  readonly mx_host: readonly string[]
  readonly successful: number
  readonly failed: number
  readonly failures: readonly {
    readonly result_type: string
    readonly sending_mta_ip: string
    readonly receiving_mx: string
    readonly receiving_ip: string
    readonly count: number
    readonly detail: string
  }[]
}

export type Report = DmarcReport | TlsReport

export type ReportFault =
  /** Not XML or JSON, or not such a report. */
  | 'unreadable'
  /** It declares entities, nests too deep, or is larger than anybody's report. */
  | 'forbidden'

/** Rows of one report that are kept; the largest receivers send some thousands. */
export const MAX_ROWS = 20_000
/** Characters of any one text in a report. */
const MAX_TEXT = 500

/** Strangers wrote it: one line, bounded, no control characters. */
export const plainText = (value: unknown): string =>
  (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
    .slice(0, MAX_TEXT)
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .toWellFormed()

export const wholeNumber = (value: unknown): number => {
  const number = Number(plainText(value))
  return Number.isSafeInteger(number) && number >= 0 ? number : 0
}

export const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null || value === '' ? [] : [value]

export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
