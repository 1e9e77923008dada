//
// Owns: the questions to the reading thread and its answers, and reading itself: bytes in, plain data out. What would
// be large as a tree is JSON already: taking a tree over costs the serving thread more than its octets do.

import { type ReturnedMail, readReturnedMail } from '../../mail/bounces/returned.ts'
import { readLetter } from '../../mail/mime/letter.ts'
import { reportsIn } from '../../mail/reports/in-letter.ts'
import { letterJson } from './letter-post.ts'
import { digestOf, type ReportDigest } from './report-digest.ts'

export type Question =
  /** As a webhook is told of it. */
  | { readonly kind: 'letter' }
  | { readonly kind: 'reports'; readonly ownAddresses: ReadonlySet<string> }
  | { readonly kind: 'returned' }

export interface ReadingAsk {
  readonly id: number
  readonly question: Question
  readonly bytes: Uint8Array
}

export type Finding =
  | { readonly kind: 'letter'; readonly json: string }
  | { readonly kind: 'reports'; readonly reports: readonly ReportDigest[] }
  | { readonly kind: 'returned'; readonly mail: ReturnedMail }
  | { readonly kind: 'fault'; readonly say: string }

export interface ReadingAnswer {
  readonly id: number
  readonly finding: Finding
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
    default:
      return question satisfies never
  }
}
