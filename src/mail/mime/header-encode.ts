//
// Owns: how text becomes a header field: encoded-words (RFC 2047), parameters (RFC 2231), folding (RFC 5322 §2.2.3).
// Never: lets a control character through. Who could write CR LF into a subject could write any header (T6).

import { fault, ok, type Result } from '../../core/result.ts'

export type HeaderFault = 'control-character' | 'lone-surrogate' | 'too-long' | 'bad-field-name'

/** RFC 5322 §2.1.1: what a line should not exceed, and what it never may (without CRLF). */
const FOLD_AT = 78
export const MAX_LINE_OCTETS = 998
/** RFC 2047 §2: one encoded-word, and one line that holds one. */
const MAX_ENCODED_WORD = 75
const MAX_ENCODED_LINE = 76
const WORD_FRAME = '=?UTF-8?Q??='.length
/** A first word shorter than this is not worth its frame: it starts on the next line. */
const SMALLEST_WORD = 30
/** A field beyond this is no header any more; 100 KB is the limit of all together. */
const MAX_VALUE_OCTETS = 32 * 1024

const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/
// HTAB is white space and survives as =09; any other control character has no business in a field.
const CONTROL = /(?!\t)\p{Cc}/u
/** Text that would be decoded has to be encoded itself. A `=?` alone is left: links in List-* fields may hold one. */
const LIKE_ENCODED_WORD = /=\?[!->@-~]+\?[bq]\?/i
/** RFC 5322 §3.6.8. */
const FIELD_NAME = /^[!-9;-~]{1,76}$/

/** What to tell the person who wrote the value. */
export function sayHeaderFault(error: HeaderFault): string {
  switch (error) {
    case 'control-character':
      return 'holds a control character such as a line break'
    case 'lone-surrogate':
      return 'holds half of a surrogate pair: it is not valid Unicode'
    case 'too-long':
      return `has more than ${MAX_VALUE_OCTETS} octets`
    case 'bad-field-name':
      return 'is not a header field name: want 1 to 76 printable ASCII characters without colon'
    default:
      return error satisfies never
  }
}

/** What keeps `value` out of every header field, whatever its grammar. */
export function headerFaultOf(value: string): HeaderFault | null {
  if (PLAIN.test(value)) return value.length > MAX_VALUE_OCTETS ? 'too-long' : null
  if (CONTROL.test(value)) return 'control-character'
  if (!value.isWellFormed()) return 'lone-surrogate'
  return Buffer.byteLength(value) > MAX_VALUE_OCTETS ? 'too-long' : null
}

/** A whole field, `Name: value` CRLF, for a value that is free text such as Subject. */
export function unstructuredField(name: string, value: string): Result<string, HeaderFault> {
  if (!FIELD_NAME.test(name)) return fault('bad-field-name')
  const room = FOLD_AT - name.length - 2
  const plain = PLAIN.test(value) && !LIKE_ENCODED_WORD.test(value)
  if (plain && value.length <= room) return ok(`${name}: ${value}\r\n`)
  const trouble = headerFaultOf(value)
  if (trouble) return fault(trouble)
  if (value === '') return ok(`${name}:\r\n`)
  const folded = plain ? foldPlain(name, value) : null
  return ok(folded ?? `${name}:${encodedWords(value, name.length + 1)}\r\n`)
}

/**
 * Folds between words. A break is put in front of the white space and takes nothing away, so unfolding gives back
 * the very same text. Null when a word does not fit in a line: such a value has to be encoded.
 */
function foldPlain(name: string, value: string): string | null {
  let out = `${name}:`
  let column = out.length
  for (const [word] of ` ${value}`.matchAll(/ +[^ ]+/g)) {
    if (word.length > MAX_LINE_OCTETS - FOLD_AT) return null
    if (column + word.length > FOLD_AT && column > name.length + 1) {
      out += '\r\n'
      column = 0
    }
    out += word
    column += word.length
  }
  return `${out}\r\n`
}

/**
 * The encoded-words for `text`, each after a space, a new line for each after the first; `column` is what
 * the line holds already. Characters are never split over words (RFC 2047 §5).
 */
export function encodedWords(text: string, column: number): string {
  const bytes = Buffer.from(text, 'utf8')
  const quoted = quotedLength(bytes)
  // Where most of the text is ASCII, Q can be read by people who look at the source.
  const letter = quoted <= bytes.length * 2 ? 'Q' : 'B'
  let out = ''
  let room = MAX_ENCODED_LINE - column - 1 - WORD_FRAME
  if (room < SMALLEST_WORD) {
    out = '\r\n'
    room = MAX_ENCODED_WORD - WORD_FRAME
  }
  for (let from = 0; from < bytes.length; ) {
    const to = letter === 'Q' ? endOfQuoted(bytes, from, room) : endOfBase64(bytes, from, room)
    const word = letter === 'Q' ? quoteWord(bytes, from, to) : bytes.toString('base64', from, to)
    out += `${from === 0 ? '' : '\r\n'} =?UTF-8?${letter}?${word}?=`
    from = to
    room = MAX_ENCODED_WORD - WORD_FRAME
  }
  return out
}

// What RFC 2047 §5 (3) leaves unencoded even inside a phrase, the strictest of its three places.
const QUOTE: readonly string[] = Array.from({ length: 256 }, (_, octet) => {
  const char = String.fromCharCode(octet)
  if (char === ' ') return '_'
  return /^[A-Za-z0-9!*+/-]$/.test(char) ? char : `=${octet.toString(16).toUpperCase().padStart(2, '0')}`
})
const quoteOf = (octet: number | undefined): string => QUOTE[octet ?? 0] ?? ''

function quotedLength(bytes: Buffer): number {
  let length = 0
  for (const octet of bytes) length += quoteOf(octet).length
  return length
}

function quoteWord(bytes: Buffer, from: number, to: number): string {
  let word = ''
  for (let at = from; at < to; at++) word += quoteOf(bytes[at])
  return word
}

/** A UTF-8 continuation octet: a word may not begin with one. */
const continues = (octet: number | undefined): boolean => octet !== undefined && (octet & 0xc0) === 0x80

function endOfQuoted(bytes: Buffer, from: number, room: number): number {
  let used = 0
  let end = from
  for (let at = from; at < bytes.length; ) {
    let next = at + 1
    while (continues(bytes[next])) next++
    for (let octet = at; octet < next; octet++) used += quoteOf(bytes[octet]).length
    if (used > room && end > from) break
    end = next
    at = next
  }
  return end
}

function endOfBase64(bytes: Buffer, from: number, room: number): number {
  let end = Math.min(bytes.length, from + Math.floor(room / 4) * 3)
  while (end > from + 1 && continues(bytes[end])) end--
  return end
}

/**
 * `; name=value` of Content-Type or Content-Disposition on lines of its own. Plain values are quoted strings,
 * all others percent-encoded UTF-8 in numbered pieces (RFC 2231 §3, §4). The value must be free of control
 * characters; the caller has proven that at the door.
 */
export function parameter(name: string, value: string): string {
  if (/^[ -~]{0,60}$/.test(value)) return `;\r\n ${name}="${value.replace(/["\\]/g, '\\$&')}"`
  const octets = Array.from(Buffer.from(value, 'utf8'), percent)
  const pieces: string[] = []
  let piece = "UTF-8''"
  for (const octet of octets) {
    if (piece.length + octet.length > 56) {
      pieces.push(piece)
      piece = ''
    }
    piece += octet
  }
  pieces.push(piece)
  if (pieces.length === 1) return `;\r\n ${name}*=${piece}`
  return pieces.map((text, index) => `;\r\n ${name}*${index}*=${text}`).join('')
}

/** attribute-char of RFC 2231 §7. */
const percent = (octet: number): string => {
  const char = String.fromCharCode(octet)
  if (/^[A-Za-z0-9!#$&+.^_`{|}~-]$/.test(char)) return char
  return `%${octet.toString(16).toUpperCase().padStart(2, '0')}`
}
