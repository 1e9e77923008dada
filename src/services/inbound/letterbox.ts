//
// Owns: what is asked of every incoming message: its header as anybody writes it, and a name for its bytes. Pure.

import { hash } from 'node:crypto'
import { readFields } from '../../mail/bounces/fields.ts'
import type { Incoming, Letterbox } from './incoming.ts'

/** Beyond it no header is read (T16). */
const MAX_HEADER_OCTETS = 100 * 1024

export function letterboxOf(incoming: Incoming): Letterbox {
  const { bytes } = incoming
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, MAX_HEADER_OCTETS))
  const end = head.indexOf('\r\n\r\n')
  const block = head.subarray(0, end === -1 ? head.length : end).toString('latin1')
  let digest: string | null = null
  return {
    ...incoming,
    header: readFields(block.replaceAll('\r\n', '\n')),
    digest: () => {
      // 10 MB are 10 ms of the serving thread: bounces and reports never ask.
      digest ??= hash('sha256', bytes, 'hex')
      return digest
    },
  }
}
