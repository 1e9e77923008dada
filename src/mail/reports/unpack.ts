//
// Owns: what a report's attachment holds, packed by gzip (RFC 1952), in a zip archive, or not at all.
// Never: unpacks more than a bounded size and a bounded ratio: strangers send these (T16).

import { gunzipSync, inflateRawSync } from 'node:zlib'
import { fault, ok, type Result } from '../../core/result.ts'

/** The largest reports of the largest receivers have a few megabytes. */
export const MAX_UNPACKED_OCTETS = 10 * 1024 * 1024
/** Repetitive XML packs to a thirtieth; what packs better was made to burst. */
export const MAX_RATIO = 100
/** Below it a ratio says nothing: a report of one row may be all headings. */
const RATIO_MATTERS_FROM = 64 * 1024

export type UnpackFault = 'too-large' | 'damaged' | 'no-file'

export function unpack(bytes: Uint8Array): Result<Buffer, UnpackFault> {
  const packed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (packed[0] === 0x1f && packed[1] === 0x8b)
    return inflated(() => gunzipSync(packed, bounds(packed.length)))
  if (packed.length >= 4 && packed.readUInt32LE(0) === LOCAL_FILE) return firstFile(packed)
  return packed.length > MAX_UNPACKED_OCTETS ? fault('too-large') : ok(packed)
}

const bounds = (packed: number): { readonly maxOutputLength: number } => ({
  maxOutputLength: Math.min(MAX_UNPACKED_OCTETS, Math.max(RATIO_MATTERS_FROM, packed * MAX_RATIO)),
})

function inflated(inflate: () => Buffer): Result<Buffer, UnpackFault> {
  try {
    return ok(inflate())
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    return fault(code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'damaged')
  }
}

// ── Zip (PKWARE APPNOTE 6.3): the first file of the central directory, stored or deflated ───────

const LOCAL_FILE = 0x04034b50
const DIRECTORY_ENTRY = 0x02014b50
const DIRECTORY_END = 0x06054b50
const DIRECTORY_END_OCTETS = 22
/** APPNOTE §4.3.16: the comment behind the end of the directory has a length of two octets. */
const MAX_COMMENT_OCTETS = 65_535
const STORED = 0
const DEFLATED = 8

/** Sizes are read from the directory: a local header may say 0 and put them behind the data (APPNOTE §4.4.4). */
function firstFile(archive: Buffer): Result<Buffer, UnpackFault> {
  const end = directoryEnd(archive)
  if (end === -1) return fault('damaged')
  let at = archive.readUInt32LE(end + 16)
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== DIRECTORY_ENTRY) return fault('damaged')
    const nameLength = archive.readUInt16LE(at + 28)
    const isFolder = archive[at + 46 + nameLength - 1] === SLASH
    if (!isFolder) return fileAt(archive, at)
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  }
  return fault('no-file')
}

const SLASH = 47

function directoryEnd(archive: Buffer): number {
  const lowest = Math.max(0, archive.length - DIRECTORY_END_OCTETS - MAX_COMMENT_OCTETS)
  for (let at = archive.length - DIRECTORY_END_OCTETS; at >= lowest; at--) {
    if (archive.readUInt32LE(at) === DIRECTORY_END) return at
  }
  return -1
}

function fileAt(archive: Buffer, entry: number): Result<Buffer, UnpackFault> {
  const isEncrypted = (archive.readUInt16LE(entry + 8) & 1) === 1
  const method = archive.readUInt16LE(entry + 10)
  const packedOctets = archive.readUInt32LE(entry + 20)
  const local = archive.readUInt32LE(entry + 42)
  if (isEncrypted || local + 30 > archive.length || archive.readUInt32LE(local) !== LOCAL_FILE) {
    return fault('damaged')
  }
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28)
  if (start + packedOctets > archive.length) return fault('damaged')
  const data = archive.subarray(start, start + packedOctets)
  if (method === DEFLATED) return inflated(() => inflateRawSync(data, bounds(data.length)))
  if (method !== STORED) return fault('damaged')
  return data.length > MAX_UNPACKED_OCTETS ? fault('too-large') : ok(Buffer.from(data))
}
