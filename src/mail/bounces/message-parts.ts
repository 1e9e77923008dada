//
// Owns: taking a returned message apart: its header and its parts as text, whatever ended its lines.
// Never: fails or takes more than linear time: what is beyond a limit is left out (T15, T16).

import { Fields, fieldOf, readFields } from './fields.ts'

/** Notices stand at the start; what follows is the original message. */
export const MAX_SCANNED_OCTETS = 1024 * 1024
/** Real notices have three levels; each level is read once more, so this is also the bound on work. */
const MAX_DEPTH = 10
const MAX_PARTS = 1000
/** Of each part this much is decoded: notices and headers are shorter, and the rest of an original is not read. */
const MAX_PART_CHARACTERS = 128 * 1024

export interface Part {
  /** Lower-case `type/subtype`; `text/plain` where none is given (RFC 2045 §5.2). */
  readonly type: string
  readonly fields: Fields
  /** Decoded, lines end with LF. */
  readonly text: string
}

export interface ReturnedMessage {
  readonly header: Fields
  readonly type: string
  /** Parameters of the outermost Content-Type, lower-case names. */
  readonly parameters: ReadonlyMap<string, string>
  /** Leaves in order of appearance; enclosed messages are leaves. */
  readonly parts: readonly Part[]
}

export function readMessage(bytes: Uint8Array): ReturnedMessage {
  return messageOf(toLines(bytes))
}

/** A mailbox file holds several messages, each behind a line `From sender date`; a message is a mailbox of one. */
export function readMailbox(bytes: Uint8Array): readonly ReturnedMessage[] {
  const text = toLines(bytes)
  if (!text.startsWith('From ')) return [messageOf(text)]
  return text
    .split(/\n(?=From [^\s]{1,320} {1,4}[A-Z][a-z]{2} [A-Z][a-z]{2} )/)
    .slice(0, MAX_MESSAGES)
    .map(messageOf)
}

/** The message in a notice's message/rfc822 part, when a server's notice is wrapped in another's. */
export function enclosedNotice(message: ReturnedMessage): ReturnedMessage | null {
  const part = message.parts.find((one) => one.type === 'message/rfc822' && one.text !== '')
  return part === undefined ? null : messageOf(part.text)
}

const MAX_MESSAGES = 50

function toLines(bytes: Uint8Array): string {
  const head = bytes.subarray(0, MAX_SCANNED_OCTETS)
  return Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1').replace(/\r\n?/g, '\n')
}

function messageOf(text: string): ReturnedMessage {
  const { fields, body } = splitHeader(withoutEnvelopeLine(text))
  const [type, parameters] = contentType(fields.get('content-type'))
  const parts: Part[] = []
  collect({ fields, body, depth: 0 }, parts)
  return { header: fields, type, parameters, parts }
}

/** Mailboxes on disk put `From sender date` before the header; some gateways put empty lines there. */
function withoutEnvelopeLine(text: string): string {
  let start = 0
  while (text[start] === '\n') start++
  if (text.startsWith('From ', start)) {
    const end = text.indexOf('\n', start)
    start = end === -1 ? text.length : end + 1
  }
  return text.slice(start)
}

interface Entity {
  readonly fields: Fields
  readonly body: string
  readonly depth: number
}

function collect(entity: Entity, into: Part[]): void {
  if (into.length >= MAX_PARTS) return
  const given = entity.fields.get('content-type')
  const [type, parameters] = contentType(given)
  const boundary = parameters.get('boundary')
  if (type.startsWith('multipart/') && boundary && entity.depth < MAX_DEPTH) {
    const pieces = between(entity.body, boundary)
    for (const piece of pieces) {
      collect({ ...splitHeader(piece), depth: entity.depth + 1 }, into)
    }
    // A boundary that never comes: the text is read as it stands.
    if (pieces.length > 0) return
  }
  const body = entity.body.slice(0, MAX_PART_CHARACTERS)
  const text = decoded({ ...entity, body }, parameters.get('charset') ?? '')
  // Some servers append the original's header without saying what it is.
  const bareHeader = given === null && entity.depth > 0 && entity.fields.has('received')
  if (bareHeader) into.push({ type: 'message/rfc822', fields: entity.fields, text: '' })
  else into.push({ type: type.startsWith('multipart/') ? 'text/plain' : type, fields: entity.fields, text })
}

/** Header and body around the first empty line. */
export function splitHeader(text: string): { readonly fields: Fields; readonly body: string } {
  if (text.startsWith('\n')) return { fields: new Fields([]), body: text.slice(1) }
  // Without a single field at the start there is no header to split off.
  const firstEnd = text.indexOf('\n')
  if (fieldOf(firstEnd === -1 ? text : text.slice(0, firstEnd)) === null) {
    return { fields: new Fields([]), body: text }
  }
  const end = text.indexOf('\n\n')
  return end === -1
    ? { fields: readFields(text), body: '' }
    : { fields: readFields(text.slice(0, end)), body: text.slice(end + 2) }
}

/** The pieces between delimiter lines (RFC 2046 §5.1.1); preamble and epilogue are left out. */
function between(body: string, boundary: string): readonly string[] {
  const delimiter = `--${boundary}`
  const pieces: string[] = []
  let start = -1
  for (let at = lineAt(body, delimiter, 0); at !== -1; at = lineAt(body, delimiter, at + delimiter.length)) {
    if (start !== -1) pieces.push(body.slice(start, Math.max(start, at - 1)))
    const end = body.indexOf('\n', at)
    const closing = body.startsWith('--', at + delimiter.length)
    start = closing || end === -1 ? -1 : end + 1
    if (closing || end === -1 || pieces.length >= MAX_PARTS) break
  }
  if (start !== -1) pieces.push(body.slice(start))
  return pieces
}

/** Where a line begins with `words`, at or after `from`; -1 without one. */
function lineAt(text: string, words: string, from: number): number {
  let at = text.indexOf(words, from)
  while (at > 0 && text[at - 1] !== '\n') at = text.indexOf(words, at + 1)
  return at
}

/** RFC 2045 §5.1, and what real servers make of it: stray semicolons, missing quotes, no space. */
export function contentType(
  value: string | null,
): readonly [type: string, parameters: ReadonlyMap<string, string>] {
  const parameters = new Map<string, string>()
  if (value === null) return ['text/plain', parameters]
  const [first = '', ...rest] = splitOutsideQuotes(value.slice(0, 2000))
  for (const piece of rest) {
    const equals = piece.indexOf('=')
    if (equals < 1) continue
    const name = piece.slice(0, equals).trim().toLowerCase()
    if (!parameters.has(name)) parameters.set(name, unquote(piece.slice(equals + 1).trim()))
  }
  const type = first.trim().split(/\s/, 1)[0]?.toLowerCase() ?? ''
  return [type.includes('/') ? type : 'text/plain', parameters]
}

function splitOutsideQuotes(value: string): readonly string[] {
  const pieces: string[] = []
  let quoted = false
  let start = 0
  for (let at = 0; at < value.length; at++) {
    const letter = value[at]
    if (letter === '\\' && quoted) at++
    else if (letter === '"') quoted = !quoted
    else if (letter === ';' && !quoted) {
      pieces.push(value.slice(start, at))
      start = at + 1
    }
  }
  pieces.push(value.slice(start))
  return pieces
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value.split(/[\s;]/, 1)[0] ?? ''
  const end = value.indexOf('"', 1)
  return value.slice(1, end === -1 ? undefined : end).trimEnd()
}

function decoded(entity: Entity, charset: string): string {
  const encoding = entity.fields.get('content-transfer-encoding')?.toLowerCase() ?? ''
  const octets = encoding.startsWith('base64')
    ? Buffer.from(entity.body, 'base64')
    : encoding.startsWith('quoted-printable')
      ? unquotePrintable(entity.body)
      : Buffer.from(entity.body, 'latin1')
  return toText(octets, charset).replace(/\r\n?/g, '\n')
}

const SOFT_BREAK = /=[ \t]{0,8}\n/g
const QUOTED = /=([0-9A-Fa-f]{2})/g

const unquotePrintable = (body: string): Buffer =>
  Buffer.from(
    body
      .replace(SOFT_BREAK, '')
      .replace(QUOTED, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    'latin1',
  )

/** Names that mailers write and the Encoding Standard does not know. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  cp932: 'shift_jis',
  'iso-2022-jp-ms': 'iso-2022-jp',
  'iso-2022-jp-1': 'iso-2022-jp',
  'iso-2022-jp-2': 'iso-2022-jp',
  cp936: 'gbk',
  ms936: 'gbk',
  cp949: 'euc-kr',
  cp1250: 'windows-1250',
}

function toText(octets: Buffer, charset: string): string {
  const given = charset.toLowerCase()
  const name = OTHER_NAMES[given] ?? given
  if (name === '' || name === 'us-ascii' || name === 'utf-8' || name === 'utf8') {
    const text = octets.toString('utf8')
    // Old servers write their town's letters and do not say which.
    return text.includes('\ufffd') ? new TextDecoder('windows-1252').decode(octets) : text
  }
  try {
    return new TextDecoder(name as 'utf-8').decode(octets)
  } catch {
    // An unknown name: what matters in a notice is ASCII.
    return octets.toString('latin1')
  }
}
