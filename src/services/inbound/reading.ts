//
// Owns: the questions to the reading thread and its answers. What would be large as a tree is JSON already: taking a tree
// over costs the serving thread more than its octets do.
// Never: the parsers (findings.ts): the serving thread would hold their tables as well.

import type { ReturnedMail } from '../../mail/bounces/returned.ts'
import { encodePart, type PartEncoding } from '../../mail/mime/compose.ts'
import type { ReportDigest } from './report-digest.ts'

export type Question =
  /** As a webhook is told of it. */
  | { readonly kind: 'letter' }
  | { readonly kind: 'reports'; readonly ownAddresses: ReadonlySet<string> }
  | { readonly kind: 'returned' }
  /** As it is attached to a message of ours, behind our Received field. */
  | { readonly kind: 'enclosure'; readonly received: string }

export interface Enclosure {
  readonly contentType: string
  readonly encoded: PartEncoding
  readonly content: Uint8Array
}

export interface ReadingAsk {
  readonly id: number
  readonly question: Question
  readonly bytes: Uint8Array
}

export type Finding =
  | { readonly kind: 'letter'; readonly json: string }
  | { readonly kind: 'reports'; readonly reports: readonly ReportDigest[] }
  | { readonly kind: 'returned'; readonly mail: ReturnedMail }
  | { readonly kind: 'enclosure'; readonly enclosure: Enclosure }
  | { readonly kind: 'fault'; readonly say: string }

export interface ReadingAnswer {
  readonly id: number
  readonly finding: Finding
}

export function enclosureOf(bytes: Uint8Array, received: string): Enclosure {
  const contentType = 'message/rfc822'
  const whole = Buffer.concat([Buffer.from(received, 'latin1'), bytes])
  return { contentType, ...encodePart(contentType, whole) }
}

/** What changes hands with an answer and is not copied: ten megabytes are time of the serving thread. */
export function handedOver({ finding }: ReadingAnswer): ArrayBuffer[] {
  if (finding.kind !== 'enclosure') return []
  const { buffer, byteLength } = finding.enclosure.content
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : []
}
