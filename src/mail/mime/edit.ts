//
// Owns: header edits that leave every other octet as it was (decision 8).
// Never: touches the body, re-folds, or re-encodes: signatures over it would break.

import { asBuffer, type HeaderScan } from './scan.ts'

export type Dropped = ReadonlySet<string> | ((name: string) => boolean)

export interface Edit {
  readonly drop: Dropped
  /** In front, each ended by CRLF. */
  readonly lines: string
  /** So many octets before the message are left free, for more lines to be written there. */
  readonly room: number
}

/** The message without the named fields (lower-case) and with `lines` in front, each ended by CRLF. One allocation. */
export const editHeader = (message: Uint8Array, scan: HeaderScan, drop: Dropped, lines: string): Buffer =>
  editedHeader(message, scan, { drop, lines, room: 0 }).bytes

/** `room` is 0 where nothing was to be done: the memory is the caller's then. */
export function editedHeader(
  message: Uint8Array,
  scan: HeaderScan,
  { drop, lines, room }: Edit,
): { readonly bytes: Buffer; readonly room: number } {
  const bytes = asBuffer(message)
  const goes = typeof drop === 'function' ? drop : (name: string) => drop.has(name)
  const gone = scan.fields.filter((field) => goes(field.name))
  if (gone.length === 0 && lines === '') return { bytes, room: 0 }
  const added = Buffer.byteLength(lines)
  const size = gone.reduce((left, field) => left - (field.end - field.start), bytes.length + added)
  const out = Buffer.allocUnsafe(room + size)
  out.write(lines, room, 'utf8')
  let to = room + added
  let from = 0
  for (const field of gone) {
    to += bytes.copy(out, to, from, field.start)
    from = field.end
  }
  bytes.copy(out, to, from)
  return { bytes: room === 0 ? out : out.subarray(room), room }
}

/** `lines` (ASCII) into the free octets before `bytes`; they must be that many. */
export function writeIntoRoom(lines: string, bytes: Uint8Array): Buffer {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset - lines.length, lines.length + bytes.length)
  whole.write(lines, 0, 'latin1')
  return whole
}

export const withoutFields = (message: Uint8Array, scan: HeaderScan, drop: Dropped): Buffer =>
  editHeader(message, scan, drop, '')

/** `lines` in front of the message: trace fields and signatures go on top (RFC 5321 §4.4, RFC 6376 §5.6). */
export function prepend(lines: string, message: Uint8Array): Buffer {
  const added = Buffer.byteLength(lines)
  const out = Buffer.allocUnsafe(added + message.length)
  out.write(lines, 0, 'utf8')
  out.set(message, added)
  return out
}
