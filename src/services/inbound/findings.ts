//
// Owns: reading itself, in the reading thread: bytes in, plain data out.

import { readReturnedMail } from '../../mail/bounces/returned.ts'
import { readLetter } from '../../mail/mime/letter.ts'
import { reportsIn } from '../../mail/reports/in-letter.ts'
import { letterJson } from './letter-post.ts'
import { enclosureOf, type Finding, type Question, type ReadingAnswer, type ReadingAsk } from './reading.ts'
import { digestOf } from './report-digest.ts'

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
