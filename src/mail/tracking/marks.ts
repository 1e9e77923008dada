//
// Owns: where the marks of ways out stand in a text, and putting a copy's tokens in their place.

import type { DeliveryId } from '../../core/ids.ts'
import type { Edit } from './edits.ts'
import { HEAD_CHARACTERS } from './link-token.ts'
import { ADDRESS_MARK, ADDRESS_TOKEN_CHARACTERS, URL_MARK, wayOutAddress, wayOutHead } from './way-out.ts'

/** Which way out a token is one of. */
export type Leave = 'url' | 'address'

const MARKS = new RegExp(`${URL_MARK}([\\w-]*)|${ADDRESS_MARK}`, 'g')

/** In the order of the text; what a token goes on with stays where it is. */
export function markEdits(text: string): readonly Edit[] {
  if (!text.includes(URL_MARK) && !text.includes(ADDRESS_MARK)) return NONE
  return Array.from(text.matchAll(MARKS), ({ index, 1: tail }) =>
    tail === undefined
      ? { start: index, end: index + ADDRESS_TOKEN_CHARACTERS, ...WITHIN, tail: '', leave: 'address' }
      : { start: index, end: index + HEAD_CHARACTERS, ...WITHIN, tail, leave: 'url' },
  )
}

const NONE: readonly Edit[] = []
const WITHIN = { before: '', after: '' } as const

/** What a copy has in place of a mark. */
export const leaveToken = (leave: Leave, tail: string, delivery: DeliveryId, key: Uint8Array): string =>
  leave === 'url' ? wayOutHead(delivery, tail, key) : wayOutAddress(delivery, key)

/** A text cut at its marks: a header is small, and has few. */
export interface MarkedText {
  readonly text: string
  readonly marks: readonly Edit[]
}

export function fillMarks({ text, marks }: MarkedText, delivery: DeliveryId, key: Uint8Array): string {
  let filled = ''
  let from = 0
  for (const { start, end, tail, leave } of marks) {
    filled += text.slice(from, start) + leaveToken(leave ?? 'url', tail ?? '', delivery, key)
    from = end
  }
  return from === 0 ? text : filled + text.slice(from)
}
