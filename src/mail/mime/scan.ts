//
// Owns: where the header ends, where each field stands, and whether every line may travel as it is.
// Never: copies the message or makes one string of it; offsets are the result.

import { isAscii } from 'node:buffer'
import { fault, ok, type Result } from '../../core/result.ts'
import { MAX_LINE_OCTETS } from './header-encode.ts'
import { OctetSearch } from './octet-search.ts'

/** The header section of real mail is below 20 KB; beyond this it is an attack on parsers (T16). */
export const MAX_HEADER_OCTETS = 100 * 1024

const CR = 13
const LF = 10
const SP = 32
const HTAB = 9
const COLON = 58

export interface ScanFault {
  readonly kind: 'bare-cr' | 'bare-lf' | 'nul' | 'line-too-long' | 'header-too-large' | 'malformed-header'
  /** Counted from 1. */
  readonly line: number
}

export interface HeaderField {
  /** Lower-case. */
  readonly name: string
  readonly start: number
  /** Where the value begins, after the colon. */
  readonly valueStart: number
  /** After the field's last CRLF. */
  readonly end: number
}

export interface HeaderScan {
  readonly fields: readonly HeaderField[]
  /** Where the empty line begins; the message's length when it has no body. */
  readonly headerEnd: number
  /** The body's first octet, after the empty line. */
  readonly bodyStart: number
  /** Octets beyond ASCII in the body (RFC 6152). */
  readonly is8bit: boolean
  /** Octets beyond ASCII in the header: needs SMTPUTF8 (RFC 6532). */
  readonly hasUtf8Header: boolean
  /** The first such field's value, unfolded and trimmed; null without one. */
  value(name: string): string | null
  values(name: string): readonly string[]
  count(name: string): number
}

export function sayScanFault(error: ScanFault): string {
  switch (error.kind) {
    case 'bare-cr':
      return `line ${error.line} holds a CR without LF; lines end with CRLF (RFC 5321 section 2.3.8)`
    case 'bare-lf':
      return `line ${error.line} ends with a bare LF; lines end with CRLF (RFC 5321 section 2.3.8)`
    case 'nul':
      return `line ${error.line} holds a NUL octet; encode binary data as base64`
    case 'line-too-long':
      return `line ${error.line} has more than ${MAX_LINE_OCTETS} octets; encode the part as quoted-printable or base64 (RFC 5321 section 4.5.3.1.6)`
    case 'header-too-large':
      return `the header has more than ${MAX_HEADER_OCTETS} octets`
    case 'malformed-header':
      return `line ${error.line} is no header field; an empty line must separate header and body (RFC 5322 section 2.1)`
    default:
      return error.kind satisfies never
  }
}

/**
 * One walk over the octets. What may not travel is refused here instead of repaired: bytes that a client signed or
 * encrypted would not survive a repair (decision 8). Over-long body lines are refused as well: peers may cut them.
 */
export function scanMessage(message: Uint8Array): Result<HeaderScan, ScanFault> {
  const bytes = asBuffer(message)
  const trouble = lineFaultOf(bytes)
  if (trouble) return fault(trouble)
  const found = fieldsOf(bytes)
  if (!found.ok) return found
  return ok(new Scan(bytes, found.value.fields, found.value.headerEnd))
}

export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The first octet or line that may not be on the wire (invariant I10), or null. */
export function lineFaultOf(bytes: Buffer): ScanFault | null {
  const search = new OctetSearch(bytes)
  let start = 0
  for (let line = 1; start < bytes.length; line++) {
    const end = search.next(start)
    // Without any of them left this is an unfinished last line, which the writer finishes.
    if (end < bytes.length && (bytes[end] !== CR || bytes[end + 1] !== LF)) return faultAt(bytes, start, line)
    if (end - start > MAX_LINE_OCTETS) return { kind: 'line-too-long', line }
    start = end + 2
  }
  return null
}

/** Which one it is that a message is refused for: a NUL is the worse trouble of a line, wherever it stands. */
function faultAt(bytes: Buffer, start: number, line: number): ScanFault {
  const nul = bytes.indexOf(0, start)
  if (nul !== -1) return { kind: 'nul', line: line + linesBetween(bytes, start, nul) }
  const lf = bytes.indexOf(LF, start)
  const cr = bytes.indexOf(CR, start)
  return { kind: lf === -1 || (cr !== -1 && cr < lf) ? 'bare-cr' : 'bare-lf', line }
}

function linesBetween(bytes: Buffer, from: number, to: number): number {
  let lines = 0
  for (let at = bytes.indexOf(LF, from); at !== -1 && at < to; at = bytes.indexOf(LF, at + 1)) lines++
  return lines
}

interface FoundFields {
  readonly fields: readonly HeaderField[]
  readonly headerEnd: number
}

function fieldsOf(bytes: Buffer): Result<FoundFields, ScanFault> {
  const fields: HeaderField[] = []
  let at = 0
  let line = 1
  while (at < bytes.length && bytes[at] !== CR) {
    const start = at
    const colon = nameEnd(bytes, start)
    if (colon === -1) return fault({ kind: 'malformed-header', line })
    do {
      const lf = bytes.indexOf(LF, at)
      at = lf === -1 ? bytes.length : lf + 1
      line++
    } while (bytes[at] === SP || bytes[at] === HTAB)
    if (at > MAX_HEADER_OCTETS) return fault({ kind: 'header-too-large', line })
    const name = bytes.toString('latin1', start, colon).trimEnd().toLowerCase()
    fields.push({ name, start, valueStart: colon + 1, end: at })
  }
  return ok({ fields, headerEnd: at })
}

/** The offset of the colon after a field name (RFC 5322 §2.2; §4.5 allows space before it), or -1. */
function nameEnd(bytes: Buffer, start: number): number {
  let at = start
  for (let octet = bytes[at] ?? 0; octet > SP && octet < 127 && octet !== COLON; octet = bytes[at] ?? 0) at++
  if (at === start) return -1
  while (bytes[at] === SP || bytes[at] === HTAB) at++
  return bytes[at] === COLON ? at : -1
}

class Scan implements HeaderScan {
  readonly fields: readonly HeaderField[]
  readonly headerEnd: number
  readonly bodyStart: number
  readonly is8bit: boolean
  readonly hasUtf8Header: boolean
  readonly #bytes: Buffer

  constructor(bytes: Buffer, fields: readonly HeaderField[], headerEnd: number) {
    this.#bytes = bytes
    this.fields = fields
    this.headerEnd = headerEnd
    this.bodyStart = Math.min(headerEnd + 2, bytes.length)
    const ascii = isAscii(bytes)
    this.hasUtf8Header = !ascii && !isAscii(bytes.subarray(0, headerEnd))
    this.is8bit = !ascii && !isAscii(bytes.subarray(this.bodyStart))
  }

  value(name: string): string | null {
    for (const field of this.fields) if (field.name === name) return this.#textOf(field)
    return null
  }

  values(name: string): readonly string[] {
    return this.fields.filter((field) => field.name === name).map((field) => this.#textOf(field))
  }

  count(name: string): number {
    let count = 0
    for (const field of this.fields) if (field.name === name) count++
    return count
  }

  #textOf(field: HeaderField): string {
    const bytes = this.#bytes
    const text = this.hasUtf8Header
      ? bytes.toString('utf8', field.valueStart, field.end)
      : bytes.toString('latin1', field.valueStart, field.end)
    return text.replaceAll('\r\n', '').trim()
  }
}
