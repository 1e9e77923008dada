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

export class TemplateWriter {
  readonly #pieces: Buffer[] = []
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
    return this.octets(written(text, this.#letters))
  }

  hole(tail: string | null, leave?: Leave): this {
    this.#holes.push(leave === undefined ? { at: this.#size, tail } : { at: this.#size, tail, leave })
    return this.ascii('0'.repeat(leave === 'address' ? ADDRESS_TOKEN_CHARACTERS : HEAD_CHARACTERS))
  }

  edit({ before, tail, after, leave }: Edit): this {
    return this.ascii(before).hole(tail, leave).ascii(after)
  }

  /** The same inside quoted-printable text: whatever stands around, these lines keep to 76 (RFC 2045 §6.7 (5)). */
  quotedEdit({ before, tail, after, leave }: Edit, next: 'more' | 'end'): this {
    this.ascii('=\r\n')
    if (before !== '') this.octets(quotedPrintable(Buffer.from(before, 'latin1'))).ascii('=\r\n')
    this.hole(tail, leave)
    if (after !== '') this.ascii('=\r\n').octets(quotedPrintable(Buffer.from(after, 'latin1')))
    return next === 'more' ? this.ascii('=\r\n') : this
  }

  end(base64 = false): Template {
    const octets = Buffer.concat(this.#pieces, this.#size)
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
