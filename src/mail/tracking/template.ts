//
// Owns: content compiled once into octets with holes, and filling them for a copy: one memcpy and one
// proof per link.

import type { DeliveryId } from '../../core/ids.ts'
import { quotedPrintable, wrapBase64 } from '../mime/body-encode.ts'
import type { Edit } from './edits.ts'
import { clickHead, copyName, HEAD_CHARACTERS, openHead } from './link-token.ts'
import { type Leave, leaveToken } from './marks.ts'
import { ADDRESS_TOKEN_CHARACTERS } from './way-out.ts'

/** How ASCII is written. */
export type Letters = 'octets' | 'utf-16le' | 'utf-16be'

interface Hole {
  /** Its first octet. */
  readonly at: number
  readonly tail: string | null
  readonly leave?: Leave | undefined
}

export interface Template {
  readonly octets: Buffer
  readonly holes: readonly Hole[]
  readonly letters: Letters
  /** Encoded after it is filled: three octets become four digits, wherever the holes fall. */
  readonly base64: boolean
}

const WIDTH: Readonly<Record<Letters, 1 | 2>> = { octets: 1, 'utf-16le': 2, 'utf-16be': 2 }

interface Hollow extends Pick<Edit, 'before' | 'tail' | 'after'> {
  readonly leave: Leave | undefined
}

const HEAD_HOLE = '0'.repeat(HEAD_CHARACTERS)
const ADDRESS_HOLE = '0'.repeat(ADDRESS_TOKEN_CHARACTERS)

/** What stands in place of an edit; all of it is ASCII. */
export const writtenOctets = ({ before, after, leave }: Edit): number =>
  before.length + (leave === 'address' ? ADDRESS_HOLE : HEAD_HOLE).length + after.length

const SOFT = '=\r\n'
/** RFC 2045 §6.7 (5): 76 with the "=" of the soft line break. */
const QUOTED_LINE = 75

/** Of tokens every character is literal: they only have to be cut. */
function quoted(text: string): string {
  if (!/^[\w/:.-]*$/.test(text)) return quotedPrintable(Buffer.from(text, 'latin1')).toString('latin1')
  let lines = text.slice(0, QUOTED_LINE)
  for (let at = QUOTED_LINE; at < text.length; at += QUOTED_LINE) {
    lines += SOFT + text.slice(at, at + QUOTED_LINE)
  }
  return lines
}

export class TemplateWriter {
  /** Text is ASCII. Many small buffers would cost more than what is in them. */
  readonly #pieces: (Buffer | string)[] = []
  readonly #holes: Hole[] = []
  readonly #letters: Letters
  #size = 0

  constructor(letters: Letters = 'octets') {
    this.#letters = letters
  }

  octets(octets: Buffer): this {
    this.#pieces.push(octets)
    this.#size += octets.length
    return this
  }

  ascii(text: string): this {
    this.#pieces.push(text)
    this.#size += text.length * WIDTH[this.#letters]
    return this
  }

  edit({ before, tail, after, leave }: Edit): this {
    return this.#around({ before, tail, after, leave })
  }

  /** The same inside quoted-printable text: whatever stands around, these lines keep to 76 (RFC 2045 §6.7 (5)). */
  quotedEdit({ before, tail, after, leave }: Edit, next: 'more' | 'end'): this {
    return this.#around({
      before: before === '' ? SOFT : SOFT + quoted(before) + SOFT,
      tail,
      after: (after === '' ? '' : SOFT + quoted(after)) + (next === 'more' ? SOFT : ''),
      leave,
    })
  }

  #around({ before, tail, after, leave }: Hollow): this {
    const at = this.#size + before.length * WIDTH[this.#letters]
    this.#holes.push(leave === undefined ? { at, tail } : { at, tail, leave })
    return this.ascii(before + (leave === 'address' ? ADDRESS_HOLE : HEAD_HOLE) + after)
  }

  end(base64 = false): Template {
    const octets = Buffer.allocUnsafe(this.#size)
    let to = 0
    for (const piece of this.#pieces) {
      if (typeof piece !== 'string') to += piece.copy(octets, to)
      else if (this.#letters === 'octets') to += octets.write(piece, to, 'latin1')
      else to += written(piece, this.#letters).copy(octets, to)
    }
    return { octets, holes: this.#holes, letters: this.#letters, base64 }
  }
}

/** Each copy of one delivery is the same; two deliveries differ in the heads of their tokens alone. */
export function fillTemplate(template: Template, delivery: DeliveryId, key: Uint8Array): Buffer {
  if (template.holes.length === 0) return template.octets
  const octets = Buffer.allocUnsafe(template.octets.length)
  template.octets.copy(octets)
  const name = copyName(delivery)
  for (const { at, tail, leave } of template.holes) {
    const head =
      leave !== undefined
        ? leaveToken(leave, tail ?? '', delivery, key)
        : tail === null
          ? openHead(name, key)
          : clickHead(name, tail, key)
    if (template.letters === 'octets') octets.write(head, at, 'latin1')
    else written(head, template.letters).copy(octets, at)
  }
  return template.base64 ? wrapBase64(octets.toString('base64')) : octets
}

function written(text: string, letters: Letters): Buffer {
  if (letters === 'octets') return Buffer.from(text, 'latin1')
  const octets = Buffer.from(text, 'utf16le')
  return letters === 'utf-16be' ? octets.swap16() : octets
}
