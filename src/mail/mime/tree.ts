//
// Owns: the leaves of a message by offsets (RFC 2046 §5.1): where each part's header and body stand in the octets.
// Never: decodes or copies. Enclosed messages are leaves; so is what cannot be taken apart.

import { type HeaderScan, scanMessage } from './scan.ts'

/** Real mail nests five deep (T16). */
const MAX_DEPTH = 20
const MAX_PARTS = 1000

export interface MimeLeaf {
  /** Of the part: its header begins here; for the message itself 0. */
  readonly start: number
  readonly bodyStart: number
  readonly bodyEnd: number
  readonly scan: HeaderScan
  /** Lower-case `type/subtype`; `text/plain` without one (RFC 2045 §5.2). */
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
  /** The multiparts around it, outermost first. */
  readonly inside: readonly string[]
}

/** In order of appearance. Null when there are more parts or levels than real mail has. */
export function leavesOf(message: Buffer): readonly MimeLeaf[] | null {
  const leaves: MimeLeaf[] = []
  const walk: Walk = { message, leaves, left: MAX_PARTS }
  return collect(walk, { start: 0, end: message.length, inside: [] }) ? leaves : null
}

interface Walk {
  readonly message: Buffer
  readonly leaves: MimeLeaf[]
  /** Parts that may still come, multiparts included. */
  left: number
}

interface Entity {
  readonly start: number
  readonly end: number
  readonly inside: readonly string[]
}

function collect(walk: Walk, { start, end, inside }: Entity): boolean {
  if (walk.left-- === 0 || inside.length > MAX_DEPTH) return false
  const scanned = scanMessage(headerIn(walk.message.subarray(start, end)))
  // A part that is no part: it stays as it is, whatever it is.
  if (!scanned.ok) return true
  const scan = scanned.value
  const { type, parameters } = readContentType(scan.value('content-type'))
  const bodyStart = start + scan.bodyStart
  const boundary = parameters.get('boundary')
  if (type.startsWith('multipart/') && boundary !== undefined && boundary !== '') {
    const extents = extentsOf(walk.message.subarray(0, end), boundary, bodyStart)
    const around = [...inside, type]
    return extents?.every((part) => collect(walk, { ...part, inside: around })) ?? false
  }
  walk.leaves.push({ start, bodyStart, bodyEnd: end, scan, type, parameters, inside })
  return true
}

/** With its empty line. Bodies were looked through with the message; without a header, the empty line stands first. */
export function headerIn(part: Buffer): Buffer {
  const end = part.indexOf('\r\n\r\n')
  return end === -1 ? part : part.subarray(0, end + 4)
}

interface Extent {
  readonly start: number
  readonly end: number
}

const CR = 13
const LF = 10
const SP = 32
const HTAB = 9

/**
 * Between delimiter lines; the CRLF before a delimiter belongs to it (RFC 2046 §5.1.1). `within` ends where the multipart
 * ends. Null when there are too many.
 */
function extentsOf(within: Buffer, boundary: string, from: number): readonly Extent[] | null {
  const delimiter = Buffer.from(`--${boundary}`, 'latin1')
  const extents: Extent[] = []
  let start = -1
  let at = within.indexOf(delimiter, from)
  while (at !== -1) {
    const line = delimiterLine(within, at, delimiter.length, from)
    if (line !== null) {
      if (start !== -1) extents.push({ start, end: Math.max(start, at - 2) })
      if (extents.length > MAX_PARTS) return null
      start = line.closing ? -1 : line.end
      if (line.closing) break
    }
    at = within.indexOf(delimiter, at + delimiter.length)
  }
  // A multipart that is cut off ends with its last part.
  if (start !== -1) extents.push({ start: Math.min(start, within.length), end: within.length })
  return extents
}

/** Null where the words stand in the middle of a line, or are the beginning of a longer boundary. */
function delimiterLine(
  within: Buffer,
  at: number,
  length: number,
  from: number,
): { readonly closing: boolean; readonly end: number } | null {
  if (at !== from && within[at - 1] !== LF) return null
  let next = at + length
  const closing = within[next] === 45 && within[next + 1] === 45
  if (closing) next += 2
  while (within[next] === SP || within[next] === HTAB) next++
  if (next >= within.length) return { closing, end: within.length }
  return within[next] === CR ? { closing, end: next + 2 } : null
}

const PARAMETER = /;\s*([!#$%&'*+\-.^_`{|}~\w]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/gy

export interface ContentType {
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
}

/** RFC 2045 §5.1. What follows a part that nobody can read is left out. */
export function readContentType(value: string | null): ContentType {
  const parameters = new Map<string, string>()
  const head = /^\s*([\w!#$&^.+-]+\/[\w!#$&^.+-]+)\s*/.exec(value ?? '')
  if (value === null || head === null) return { type: 'text/plain', parameters }
  const pattern = new RegExp(PARAMETER)
  pattern.lastIndex = head[0].length
  for (let match = pattern.exec(value); match !== null; match = pattern.exec(value)) {
    const [whole, name = '', quoted, bare = ''] = match
    const key = name.toLowerCase()
    if (!parameters.has(key)) parameters.set(key, quoted?.replace(/\\(.)/g, '$1') ?? bare)
    const space = /\s*/y
    space.lastIndex = match.index + whole.length
    space.exec(value)
    pattern.lastIndex = space.lastIndex
  }
  return { type: head[1]?.toLowerCase() ?? 'text/plain', parameters }
}
