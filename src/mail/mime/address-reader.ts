//
// Owns: the grammar of address lists (RFC 5322 §3.4 with the obsolete forms of §4.4): text in, name and addr-spec out.
// Linear in the length of the text: each character is looked at once.

import { fault, ok, type Result } from '../../core/result.ts'
import { decodeEncodedWords } from './encoded-word.ts'

export interface AddressItem {
  readonly name: string | null
  /** Local part and domain as written, without comments and white space around them. */
  readonly spec: string
}

/** Nested deeper, a comment is an attack on recursive readers. */
const MAX_COMMENT_DEPTH = 20

export class AddressReader {
  readonly #text: string
  #at = 0
  #inGroup = false
  #comment = ''

  constructor(text: string) {
    this.#text = text
  }

  /** The next mailbox; null at the end; the piece that could not be read. */
  next(): Result<AddressItem, string> | null {
    for (;;) {
      const start = this.#at
      const words = this.#words()
      if (words === null) return this.#broken(start)
      const char = this.#text[this.#at]
      if (char === '<') return this.#angle(words, start)
      if (char === ':' && words.length > 0 && !this.#inGroup) {
        this.#inGroup = true
        this.#at++
      } else if (words.length > 0) {
        // A bare addr-spec may carry its name as a comment: `jane@example.com (Jane)`.
        return this.#ended(start)
          ? ok({ name: this.#commentName(), spec: joined(words) })
          : this.#broken(start)
      } else if (char === undefined) return this.#inGroup ? this.#broken(0) : null
      else if (!this.#ended(start)) return this.#broken(start)
    }
  }

  #broken(start: number): Result<AddressItem, string> {
    return fault(this.#text.slice(start, start + 100).trim())
  }

  #commentName(): string | null {
    return this.#comment === '' ? null : decodeEncodedWords(this.#comment)
  }

  /** Takes the separator after an item: a comma, a group's end, or the end of the text. */
  #ended(start: number): boolean {
    const char = this.#text[this.#at]
    if (char === undefined) return !this.#inGroup
    if (char === ',') this.#at++
    else if (char === ';' && this.#inGroup) {
      this.#inGroup = false
      this.#at++
      // `group: a@b;, c@d` has a comma after the group.
      if (this.#words()?.length !== 0) return false
      if (this.#text[this.#at] === ',') this.#at++
      else if (this.#at < this.#text.length) return false
    } else return false
    return this.#at > start
  }

  #angle(words: readonly Word[], start: number): Result<AddressItem, string> {
    const close = this.#closing(this.#at + 1)
    if (close === -1) return this.#broken(start)
    // obs-route (§4.4): `<@relay1,@relay2:jane@example.com>`; the route is ignored.
    const inside = this.#text
      .slice(this.#at + 1, close)
      .trim()
      .replace(/^@[^:"]*:/, '')
    this.#at = close + 1
    if (this.#words()?.length !== 0 || !this.#ended(start)) return this.#broken(start)
    const name = decodeEncodedWords(words.map((word) => word.text).join(' ')).trim()
    return ok({ name: name === '' ? null : name, spec: inside })
  }

  /** The `>` that closes an angle-addr; one inside a quoted local part does not. */
  #closing(from: number): number {
    let quoted = false
    for (let at = from; at < this.#text.length; at++) {
      const char = this.#text[at]
      if (char === '\\') at++
      else if (char === '"') quoted = !quoted
      else if (char === '>' && !quoted) return at
    }
    return -1
  }

  /** Words up to a special; null when a quoted string or comment does not end. */
  #words(): readonly Word[] | null {
    const words: Word[] = []
    this.#comment = ''
    for (;;) {
      const char = this.#text[this.#at]
      if (char === undefined || SPECIAL.has(char)) return words
      if (WHITE.has(char)) this.#at++
      else if (char === '(') {
        if (!this.#skipComment()) return null
      } else {
        const word = char === '"' ? this.#quoted() : this.#atom()
        if (word === null) return null
        words.push(word)
      }
    }
  }

  #atom(): Word {
    const start = this.#at
    while (this.#at < this.#text.length && !ENDS_ATOM.has(this.#text[this.#at] ?? '')) this.#at++
    const text = this.#text.slice(start, this.#at)
    return { text, raw: text }
  }

  #quoted(): Word | null {
    const start = this.#at
    let text = ''
    for (let at = start + 1; at < this.#text.length; at++) {
      const char = this.#text[at] ?? ''
      if (char === '"') {
        this.#at = at + 1
        return { text, raw: this.#text.slice(start, this.#at) }
      }
      text += char === '\\' ? (this.#text[++at] ?? '') : char
    }
    return null
  }

  #skipComment(): boolean {
    const start = this.#at + 1
    let depth = 0
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at]
      if (char === '\\') this.#at++
      else if (char === '(' && ++depth > MAX_COMMENT_DEPTH) return false
      else if (char === ')' && --depth === 0) {
        this.#comment = this.#text.slice(start, this.#at++).trim()
        return true
      }
    }
    return false
  }
}

interface Word {
  /** Without quotes. */
  readonly text: string
  readonly raw: string
}

/** White space may stand around dots and the @ (obs-local-part, §4.4) and nowhere else: `Jane jane@x.y` stays broken. */
function joined(words: readonly Word[]): string {
  let text = ''
  let bound = true
  for (const { raw } of words) {
    text += bound || raw.startsWith('.') || raw.startsWith('@') ? raw : ` ${raw}`
    bound = raw.endsWith('.') || raw.endsWith('@')
  }
  return text
}

const WHITE = new Set([' ', '\t', '\r', '\n'])
/** A `)` without its comment ends the words too, and nothing accepts it. */
const SPECIAL = new Set([',', ';', ':', '<', '>', ')'])
const ENDS_ATOM = new Set([...WHITE, ...SPECIAL, '(', '"'])
