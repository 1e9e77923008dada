//
// Owns: the questions to the reading thread and its answers, and reading itself: bytes in, plain data out. What would
// be large as a tree is JSON already: taking a tree over costs the serving thread more than its octets do.

import { type ReturnedMail, readReturnedMail } from '../../mail/bounces/returned.ts'
import { encodePart, type PartEncoding } from '../../mail/mime/compose.ts'
import { readLetter } from '../../mail/mime/letter.ts'
import { reportsIn } from '../../mail/reports/in-letter.ts'
import { letterJson } from './letter-post.ts'
import { digestOf, type ReportDigest } from './report-digest.ts'

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

export async function answerTo({ id, question, bytes }: ReadingAsk): Promise<ReadingAnswer> {
  try {
    return { id, finding: await findingOn(question, bytes) }
  } catch (error) {
    return { id, finding: { kind: 'fault', say: String(error).slice(0, 200) } }
  }
}

async function findingOn(question: Question, bytes: Uint8Array): Promise<Finding> {
  switch (question.kind) {
    case 'letter':
      return { kind: 'letter', json: letterJson(await readLetter(bytes), bytes.byteLength) }
    case 'reports': {
      const reports = reportsIn(await readLetter(bytes))
      return { kind: 'reports', reports: reports.map((one) => digestOf(one, question.ownAddresses)) }
    }
    case 'returned':
      return { kind: 'returned', mail: readReturnedMail(bytes) }
    case 'enclosure':
      return { kind: 'enclosure', enclosure: enclosureOf(bytes, question.received) }
    default:
      return question satisfies never
  }
}
