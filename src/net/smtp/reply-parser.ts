//
// Owns: bytes from a peer → replies (RFC 5321 §4.2). Incremental: a reply may come in any number of pieces. Pure.
// Never: what a reply means.

import { type EnhancedStatus, parseEnhanced, type Reply } from '../../core/reply.ts'
import { fault, ok, type Result } from '../../core/result.ts'

/** A peer that never ends its reply must not fill our memory. */
export const MAX_REPLY_OCTETS = 64 * 1024

const LF = 10
const CR = 13
const HYPHEN = 45
const SPACE = 32
const ZERO = 48
const NINE = 57
const CODE_DIGITS = 3

export type ReplyFault = 'too-long' | 'malformed'

const NO_REPLIES: readonly Reply[] = []

export class ReplyParser {
  /** The piece of a line that has come so far. */
  #rest: Buffer | null = null
  #lines: string[] = []
  #octets = 0

  /** True when a reply has begun and not ended: what comes next still belongs to it. */
  get midway(): boolean {
    return this.#rest !== null || this.#lines.length > 0
  }

  /** All replies that `chunk` completes, in order. After a fault the connection is of no more use. */
  push(chunk: Buffer): Result<readonly Reply[], ReplyFault> {
    const bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = null
    let replies: Reply[] | null = null
    let start = 0
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
      this.#octets += end + 1 - start
      if (this.#octets > MAX_REPLY_OCTETS) return fault('too-long')
      const last = this.#line(bytes, start, end)
      if (last === 'malformed') return fault('malformed')
      if (last !== null) {
        if (replies === null) replies = [last]
        else replies.push(last)
      }
      start = end + 1
    }
    if (start < bytes.length) {
      if (this.#octets + bytes.length - start > MAX_REPLY_OCTETS) return fault('too-long')
      this.#rest = start === 0 ? bytes : bytes.subarray(start)
    }
    return ok(replies ?? NO_REPLIES)
  }

  /** A line without its LF: null when more lines belong to the reply. Text may be missing, and the CR too. */
  #line(bytes: Buffer, start: number, lf: number): Reply | null | 'malformed' {
    const end = lf > start && bytes[lf - 1] === CR ? lf - 1 : lf
    const code = codeAt(bytes, start, end)
    const separator = start + CODE_DIGITS < end ? bytes[start + CODE_DIGITS] : SPACE
    if (code === null || (separator !== SPACE && separator !== HYPHEN)) return 'malformed'
    const text = bytes.toString('utf8', Math.min(start + CODE_DIGITS + 1, end), end)
    if (separator === HYPHEN) {
      this.#lines.push(text)
      return null
    }
    this.#octets = 0
    if (this.#lines.length === 0) return replyOf(code, [text])
    const lines = this.#lines
    this.#lines = []
    lines.push(text)
    // Codes that differ between lines are a fault of the peer; the last line ends the reply and counts.
    return replyOf(code, lines)
  }
}

function codeAt(bytes: Buffer, start: number, end: number): number | null {
  if (end - start < CODE_DIGITS) return null
  let code = 0
  for (let at = start; at < start + CODE_DIGITS; at++) {
    const octet = bytes[at] ?? 0
    if (octet < ZERO || octet > NINE) return null
    code = code * 10 + octet - ZERO
  }
  // RFC 5321 §4.2.1: first digits 2 to 5; 1 was RFC 821's.
  return code >= 100 && code < 600 ? code : null
}

function replyOf(code: number, lines: readonly string[]): Reply {
  const first = lines[0] ?? ''
  const enhanced = parseEnhanced(first, code)
  if (enhanced === null) return { code, enhanced: null, text: lines.length === 1 ? first : lines.join('\n') }
  return { code, enhanced, text: lines.map((line) => withoutEnhanced(line, enhanced)).join('\n') }
}

/** RFC 2034 §4 repeats the code on each line. */
function withoutEnhanced(line: string, { class: kind, subject, detail }: EnhancedStatus): string {
  const prefix = `${kind}.${subject}.${detail}`
  if (!line.startsWith(prefix)) return line
  const rest = line.slice(prefix.length)
  return rest === '' || rest.startsWith(' ') ? rest.slice(1) : line
}
