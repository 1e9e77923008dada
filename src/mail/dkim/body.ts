//
// Owns: the relaxed canonical form of a body (RFC 6376 §3.4.4) and its SHA-256. Bytes in, bytes out.
// Never: characters. A body may be any 8-bit text or none; only SP and HTAB are white space here
// (§2.8), so NBSP, VT, FF and the spaces of Unicode stay as they are.

import { hash } from 'node:crypto'
import type { Brand } from '../../core/brand.ts'

/** Base64 of the SHA-256 of a canonical body: what bh= says. One content, one hash, however many copies. */
export type BodyHash = Brand<string, 'BodyHash'>

const HTAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SP = 0x20

const TWO_SPACES = Buffer.from('  ')
const SPACE_BEFORE_END = Buffer.from(' \r\n')

export const hashBody = (body: Uint8Array): BodyHash =>
  hash('sha256', canonicalizeBody(body), 'base64') as BodyHash

/** The input itself when it is canonical already, as nearly all composed mail is; else a new buffer. */
export function canonicalizeBody(body: Uint8Array): Uint8Array {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return isCanonical(bytes) ? bytes : rewrite(bytes)
}

/** Three searches of native code cost a thirtieth of a loop over the same bytes in JavaScript. */
function isCanonical(body: Buffer): boolean {
  const end = body.length
  if (end === 0) return true
  if (body[end - 1] !== LF || body[end - 2] !== CR) return false
  if (end === 2) return false
  if (body[end - 3] === LF && body[end - 4] === CR) return false
  return !body.includes(HTAB) && !body.includes(TWO_SPACES) && !body.includes(SPACE_BEFORE_END)
}

/**
 * White space is held back until something follows it on its line, line ends until something follows
 * them in the body: so both vanish at their ends without a second look. A last line without CRLF gets
 * one (§3.4.4 b), which is also how it stands on the wire.
 */
function rewrite(body: Buffer): Buffer {
  const out = Buffer.allocUnsafe(body.length + 2)
  let length = 0
  let lineEnds = 0
  let space = false
  for (let at = 0; at < body.length; at++) {
    const octet = body[at] ?? 0
    if (octet === SP || octet === HTAB) {
      space = true
    } else if (octet === CR && body[at + 1] === LF) {
      lineEnds++
      space = false
      at++
    } else {
      for (; lineEnds > 0; lineEnds--) {
        out[length++] = CR
        out[length++] = LF
      }
      if (space) out[length++] = SP
      space = false
      out[length++] = octet
    }
  }
  if (length === 0) return out.subarray(0, 0)
  out[length++] = CR
  out[length++] = LF
  return out.subarray(0, length)
}
