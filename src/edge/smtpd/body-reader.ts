//
// Owns: the octets between 354 and the final dot: where they end, stuffed dots, and what must not stand in them. Pure.
// Never: how they are held (octets.ts).
//
// Only CRLF.CRLF ends a message, and a dot is a stuffed one only after CRLF (RFC 5321 §4.1.1.4, §4.5.2). A lone CR,
// a lone LF or a NUL makes no line and spoils the message (§2.3.8): whoever takes them for line ends reads another
// message than we do, which is how mail is smuggled (T1).

import { giveBack } from '../../core/give-back.ts'
import { OctetSearch } from '../../mail/mime/octet-search.ts'
import { Octets } from './octets.ts'

const NUL = 0
const LF = 10
const CR = 13
const DOT = 46

export type BodyFlaw = 'bare-lf' | 'bare-cr' | 'nul'

/** What the octets read so far end with. */
type Tail = 'text' | 'cr' | 'line-start' | 'dot' | 'dot-cr'

export class BodyReader {
  /** The first flaw met; the rest is read to find the end. */
  flaw: BodyFlaw | null = null
  ended = false
  /** Octets of the message without stuffed dots and the final line. */
  size = 0
  /** Octets taken from the wire. */
  taken = 0
  readonly #octets = new Octets()
  /** The last chunk, while a view of it is held. */
  #viewed: Buffer | null = null
  // The CRLF of the DATA command itself counts: a message may be empty.
  #tail: Tail = 'line-start'
  #keeping = true
  readonly #maxSize: number

  constructor(maxSize: number) {
    this.#maxSize = maxSize
  }

  get tooLarge(): boolean {
    return this.size > this.#maxSize
  }

  /** Lets go of what was read and keeps nothing of what comes. */
  discard(): void {
    this.#keeping = false
    this.#viewed = null
    this.#octets.discard()
  }

  /** The message was answered and nobody reads it any more: its memory is free at once. */
  release(): void {
    this.#octets.release()
  }

  /** Reads from `from`; returns where the message ended, or the length of the chunk. What it was given is its own. */
  feed(chunk: Buffer, from: number): number {
    if (this.#viewed !== null) {
      this.#octets.own()
      giveBack(this.#viewed)
      this.#viewed = null
    }
    const end = this.#scan(chunk, from)
    this.taken += end - from
    // Behind the end of a message stand commands that nobody has read yet.
    if (!this.ended) this.#letGo(chunk)
    return end
  }

  /** One buffer; without a copy when the message came in one piece. */
  bytes(): Buffer {
    return this.#octets.whole()
  }

  #letGo(chunk: Buffer): void {
    if (this.#octets.isView) this.#viewed = chunk
    else giveBack(chunk)
  }

  #scan(chunk: Buffer, from: number): number {
    // Where the piece that is not kept yet begins; -1 while a dot at a line's beginning is in doubt.
    let piece = this.#tail === 'dot' || this.#tail === 'dot-cr' ? -1 : from
    let at = from
    const search = new OctetSearch(chunk)
    while (at < chunk.length) {
      if (this.#tail === 'text') at = search.next(at)
      const octet = chunk[at]
      if (octet === undefined) break
      if (this.#tail === 'line-start' && octet === DOT) {
        this.#keep(chunk, piece, at)
        piece = -1
        this.#tail = 'dot'
      } else if (this.#tail === 'dot-cr' && octet === LF) {
        this.ended = true
        return at + 1
      } else {
        if (piece === -1 && !(this.#tail === 'dot' && octet === CR)) piece = at
        this.#tail = this.#after(octet)
      }
      at++
    }
    if (piece !== -1) this.#keep(chunk, piece, chunk.length)
    return chunk.length
  }

  /** What one octet, which is no dot of the protocol's, makes of the tail before it. */
  #after(octet: number): Tail {
    const afterCr = this.#tail === 'cr' || this.#tail === 'dot-cr'
    if (afterCr && octet === LF) return 'line-start'
    if (afterCr) this.flaw ??= 'bare-cr'
    if (octet === CR) return this.#tail === 'dot' ? 'dot-cr' : 'cr'
    if (octet === LF) this.flaw ??= 'bare-lf'
    if (octet === NUL) this.flaw ??= 'nul'
    return 'text'
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    if (to <= from) return
    this.size += to - from
    if (this.tooLarge || this.flaw !== null) this.discard()
    if (this.#keeping) this.#octets.add(chunk, from, to)
  }
}
