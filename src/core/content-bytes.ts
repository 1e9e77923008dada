//
// Owns: the parts of a composed or merged content as bytes, and back. Header, text and html stand in them as they are:
// writing them as JSON costs ten times as much, and every send and every delivery pays it.
//
//   octet 0      1, the form
//   octet 1      1: there is no text part, 2: there is no html part, 3: neither
//   octets 2–17  four lengths in octets, 32 bits each, most significant first: rest, header, text, html
//   then         the four one after the other, UTF-8; the rest (attachments and what else a content has) is JSON
//
// Contents of builds before this form are JSON as a whole; they are read for as long as stores may hold them.

import type { ComposedParts, MergedParts } from './content.ts'

const FORM = 1
const NO_TEXT = 1
const NO_HTML = 2
const LENGTHS = 2
const HEAD = 18

type Parts = ComposedParts | MergedParts

export function bytesOfParts(parts: Parts): Buffer {
  const { header, html, text, ...rest } = parts
  const pieces = [JSON.stringify(rest), header, text ?? '', html ?? '']
  let size = HEAD
  for (const piece of pieces) size += Buffer.byteLength(piece)
  const bytes = Buffer.allocUnsafe(size)
  bytes[0] = FORM
  bytes[1] = (text === null ? NO_TEXT : 0) | (html === null ? NO_HTML : 0)
  let at = HEAD
  let place = LENGTHS
  for (const piece of pieces) {
    const length = bytes.write(piece, at)
    place = bytes.writeUInt32BE(length, place)
    at += length
  }
  return bytes
}

/** Of bytes whose SHA-256 was right: they are what `bytesOfParts` wrote, of the kind that stands beside them. */
export function partsOfBytes<P extends Parts>(stored: Uint8Array): P {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength)
  if (bytes[0] !== FORM) return JSON.parse(bytes.toString()) as P
  const [rest = '', header, text, html] = textsIn(bytes)
  const missing = bytes[1] ?? 0
  return {
    header,
    text: missing & NO_TEXT ? null : text,
    html: missing & NO_HTML ? null : html,
    ...(JSON.parse(rest) as object),
  } as P
}

function textsIn(bytes: Buffer): readonly string[] {
  const texts: string[] = []
  let at = HEAD
  for (let length = LENGTHS; length < HEAD; length += 4) {
    const end = at + bytes.readUInt32BE(length)
    texts.push(bytes.toString('utf8', at, end))
    at = end
  }
  return texts
}
