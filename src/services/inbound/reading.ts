//
// Owns: the questions to the reading thread and its answers, and reading itself: bytes in, plain data out.

import { type Letter, readLetter } from '../../mail/mime/letter.ts'
import { reportsIn } from '../../mail/reports/in-letter.ts'
import type { Report } from '../../mail/reports/report.ts'

export type Reading = { readonly kind: 'letter' } | { readonly kind: 'reports' }

export interface ReadingAsk {
  readonly id: number
  readonly kind: Reading['kind']
  readonly bytes: Uint8Array
}

export interface ReadingAnswer {
  readonly id: number
  readonly letter: Letter | null
  readonly reports: readonly Report[]
  /** Empty: it went well. */
  readonly fault: string
}

export async function answerTo({ id, kind, bytes }: ReadingAsk): Promise<ReadingAnswer> {
  try {
    const letter = await readLetter(bytes)
    return kind === 'letter'
      ? { id, letter, reports: [], fault: '' }
      : { id, letter: null, reports: reportsIn(letter), fault: '' }
  } catch (error) {
    return { id, letter: null, reports: [], fault: String(error).slice(0, 200) }
  }
}
