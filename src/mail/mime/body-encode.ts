//
// Owns: how a text part travels: line ends, and 7bit, quoted-printable or base64 (RFC 2045 §6).
// Never: lets a bare CR, bare LF or NUL out, or a line beyond 998 octets (invariant I10).

import { isAscii } from 'node:buffer'
import { MAX_LINE_OCTETS } from './header-encode.ts'

export interface EncodedBody {
  readonly encoding: '7bit' | 'quoted-printable' | 'base64'
  readonly bytes: Buffer
}

const CR = 13
const LF = 10
const TAB = 9
const SP = 32
const EQUALS = 61
const QP_LINE = 76
const BASE64_LINE = 76

/** Text with CRLF line ends, whatever it came with. */
export function withCrlf(text: string): string {
  if (!text.includes('\r')) return text.includes('\n') ? text.replaceAll('\n', '\r\n') : text
  return /\r(?!\n)|(?<!\r)\n/.test(text) ? text.replace(/\r\n|\r|\n/g, '\r\n') : text
}

/** The smallest form that every peer carries: as it is, else whichever encoding is shorter. */
export function encodeText(text: string): EncodedBody {
  const bytes = Buffer.from(withCrlf(text), 'utf8')
  if (travelsAsIs(bytes)) return { encoding: '7bit', bytes }
  const quoted = quotedPrintable(bytes)
  // Base64 of mostly non-Latin text is half of its quoted-printable form. Where they are close, filters and people
  // prefer what can be read.
  if (quoted.length <= base64Length(bytes.length) * 1.25)
    return { encoding: 'quoted-printable', bytes: quoted }
  return { encoding: 'base64', bytes: wrapBase64(bytes.toString('base64')) }
}

/** For text with CRLF line ends: ASCII, without NUL and over-long lines (RFC 2045 §2.7). */
export function travelsAsIs(bytes: Buffer): boolean {
  if (!isAscii(bytes) || bytes.indexOf(0) !== -1) return false
  if (bytes.length <= MAX_LINE_OCTETS) return true
  for (let start = 0; start < bytes.length; ) {
    const lf = bytes.indexOf(LF, start)
    const end = lf === -1 ? bytes.length + 1 : lf
    if (end - 1 - start > MAX_LINE_OCTETS) return false
    start = end + 1
  }
  return true
}

/**
 * Lines ended by CRLF alone, none over-long, no NUL: what 7bit and 8bit have in common (RFC 2045 §2.7, §2.8). One walk:
 * a forwarded letter may have 10 MB, and the serving thread waits for it.
 */
export function keepsToLines(bytes: Buffer): boolean {
  let start = 0
  for (let at = 0; at < bytes.length; at++) {
    const octet = bytes[at] ?? 0
    if (octet > CR) continue
    if (octet === 0 || octet === LF) return false
    if (octet !== CR) continue
    if (bytes[at + 1] !== LF || at - start > MAX_LINE_OCTETS) return false
    at++
    start = at + 1
  }
  return bytes.length - start <= MAX_LINE_OCTETS
}

const HIGH = Uint8Array.from({ length: 256 }, (_, octet) => '0123456789ABCDEF'.charCodeAt(octet >> 4))
const LOW = Uint8Array.from({ length: 256 }, (_, octet) => '0123456789ABCDEF'.charCodeAt(octet & 15))

const LITERAL = 1
const WHITE = 2
const LINE_END = 3
/** RFC 2045 §6.7 (2): printable ASCII but "=" is literal. White space and line ends depend on what follows. */
const KIND = Uint8Array.from({ length: 256 }, (_, octet) => {
  if (octet === SP || octet === TAB) return WHITE
  if (octet === CR) return LINE_END
  return octet > SP && octet < 127 && octet !== EQUALS ? LITERAL : 0
})

/** RFC 2045 §6.7 for text that has CRLF line ends; one walk into one buffer. */
export function quotedPrintable(bytes: Buffer): Buffer {
  const size = bytes.length
  const out = Buffer.allocUnsafe(size * 3 + Math.ceil((size * 3) / (QP_LINE - 3)) * 3 + 3)
  let to = 0
  let column = 0
  for (let at = 0; at < size; at++) {
    const octet = bytes[at] ?? 0
    const kind = KIND[octet]
    if (kind === LINE_END && bytes[at + 1] === LF) {
      out[to++] = CR
      out[to++] = LF
      at++
      column = 0
      continue
    }
    // White space at the end of a line, or of the part, may be taken off on the way (§6.7 (3)).
    const plain = kind === LITERAL || (kind === WHITE && at + 1 < size && bytes[at + 1] !== CR)
    const width = plain ? 1 : 3
    // The last column belongs to the "=" of a soft line break.
    if (column + width >= QP_LINE) {
      out[to++] = EQUALS
      out[to++] = CR
      out[to++] = LF
      column = 0
    }
    column += width
    if (plain) {
      out[to++] = octet
      continue
    }
    out[to++] = EQUALS
    out[to++] = HIGH[octet] ?? 0
    out[to++] = LOW[octet] ?? 0
  }
  return out.subarray(0, to)
}

/** Octets of `octets` octets in base64 with a CRLF after each line. */
export function base64Length(octets: number): number {
  const digits = Math.ceil(octets / 3) * 4
  return digits + Math.ceil(digits / BASE64_LINE) * 2
}

/** Base64 digits in lines of 76 (RFC 2045 §6.8). The digits are written once and moved apart in place. */
export function wrapBase64(digits: string): Buffer {
  const lines = Math.ceil(digits.length / BASE64_LINE)
  const out = Buffer.allocUnsafe(digits.length + lines * 2)
  const shift = lines * 2
  out.write(digits, shift, 'latin1')
  let to = 0
  for (let from = shift; from < out.length; from += BASE64_LINE) {
    const end = Math.min(from + BASE64_LINE, out.length)
    out.copyWithin(to, from, end)
    to += end - from
    out[to++] = CR
    out[to++] = LF
  }
  return out
}
