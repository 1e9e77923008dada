//
// Owns: the bytes of a composed message: header, MIME tree, encodings, boundaries (RFC 2045, 2046, 2387, 2183).
// Never: reads a clock or dice. The same parts and seed give the same bytes in every attempt (decision 7).

import { isAscii } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { Attachment, ComposedParts } from '../../core/content.ts'
import {
  type EncodedBody,
  encodeText,
  keepsToLines,
  travelsAsIs,
  withCrlf,
  wrapBase64,
} from './body-encode.ts'
import { parameter } from './header-encode.ts'

/** A part of the tree that knows its own header and is ready to be written. */
type Entity =
  | { readonly kind: 'leaf'; readonly header: string; readonly body: Buffer; readonly encoded: boolean }
  | { readonly kind: 'multipart'; readonly type: string; readonly parts: readonly Entity[] }

type Piece = string | Buffer

/** Text parts that are encoded already. */
export interface ReadyBodies {
  readonly text?: EncodedBody | null
  readonly html?: EncodedBody | null
}

/** `seed` is the delivery's id: boundaries derive from it. */
export function composeMessage(parts: ComposedParts, seed: string, ready: ReadyBodies = {}): Buffer {
  const root = treeOf(parts, ready)
  const pieces: Piece[] = [parts.header, 'MIME-Version: 1.0\r\n']
  write(root, boundaryFor(root, seed), pieces)
  // In a multipart the line end in front of a boundary belongs to the boundary; alone, a body has to end its line.
  if (root.kind === 'leaf' && !endsWithCrlf(root.body)) pieces.push('\r\n')
  return join(pieces)
}

/** A part that is not for the reader's eyes first: what a report or a forwarded message consists of. */
export interface MachinePart {
  readonly contentType: string
  /** Empty: none. */
  readonly filename: string
  /** Empty: none. */
  readonly description: string
  readonly content: Uint8Array
  /** How the content is encoded already, by `encodePart`; absent: not yet. */
  readonly encoded?: PartEncoding
}

export type PartEncoding = '7bit' | '8bit' | 'base64'

export interface ReportParts extends Pick<ComposedParts, 'header' | 'text' | 'html'> {
  /** RFC 6522 §3: what multipart/report calls itself, such as `delivery-status`; null is multipart/mixed. */
  readonly reportType: string | null
  readonly parts: readonly MachinePart[]
}

/** For people first, for machines behind it, in the order given (RFC 6522 §3). */
export function composeReport(report: ReportParts, seed: string): Buffer {
  const people = contentOf({ ...report, attachments: [] }, [])
  const type = report.reportType === null ? 'mixed' : `report; report-type=${report.reportType}`
  const root =
    report.parts.length === 0 && report.reportType === null
      ? people
      : multipart(type, [people, ...report.parts.map(machinePart)])
  const pieces: Piece[] = [report.header, 'MIME-Version: 1.0\r\n']
  write(root, boundaryFor(root, seed), pieces)
  if (root.kind === 'leaf' && !endsWithCrlf(root.body)) pieces.push('\r\n')
  return join(pieces)
}

// ── The tree ────────────────────────────────────────────────────────────────────────────────────

function treeOf(parts: ComposedParts, ready: ReadyBodies): Entity {
  const inline = parts.html === null ? [] : parts.attachments.filter((it) => it.contentId !== null)
  const attached =
    parts.html === null ? parts.attachments : parts.attachments.filter((it) => it.contentId === null)
  const content = contentOf(
    parts,
    inline.map((it) => attachmentOf(it, 'inline')),
    ready,
  )
  if (attached.length === 0) return content
  return multipart('mixed', [content, ...attached.map((it) => attachmentOf(it, 'attachment'))])
}

function contentOf(
  { text, html }: ComposedParts,
  inline: readonly Entity[],
  ready: ReadyBodies = {},
): Entity {
  if (html === null) return textOf('plain', ready.text ?? encodeText(text ?? ''))
  const page = textOf('html', ready.html ?? encodeText(html))
  // RFC 2387 §3.1: type names the root's type.
  const whole = inline.length === 0 ? page : multipart('related; type="text/html"', [page, ...inline])
  // RFC 2046 §5.1.4: the plainest first, the richest last.
  return text === null
    ? whole
    : multipart('alternative', [textOf('plain', ready.text ?? encodeText(text)), whole])
}

const multipart = (type: string, parts: readonly Entity[]): Entity => ({ kind: 'multipart', type, parts })

function textOf(subtype: 'plain' | 'html', body: EncodedBody): Entity {
  const header = `Content-Type: text/${subtype}; charset=utf-8\r\nContent-Transfer-Encoding: ${body.encoding}\r\n`
  return { kind: 'leaf', header, body: body.bytes, encoded: body.encoding !== '7bit' }
}

function attachmentOf(attachment: Attachment, disposition: 'inline' | 'attachment'): Entity {
  const named = attachment.filename === '' ? '' : parameter('filename', attachment.filename)
  const id = attachment.contentId === null ? '' : `Content-ID: <${attachment.contentId}>\r\n`
  const place = `Content-Disposition: ${disposition}${named}\r\n${id}`
  if (/^message\//i.test(attachment.contentType)) return messageOf(attachment, place)
  const name = attachment.filename === '' ? '' : parameter('name', attachment.filename)
  const header = `Content-Type: ${attachment.contentType}${name}\r\nContent-Transfer-Encoding: base64\r\n${place}`
  return { kind: 'leaf', header, body: wrapBase64(attachment.base64), encoded: true }
}

/** RFC 2046 §5.2.1: message/rfc822 may not be base64. What cannot travel as it is goes as a plain file. */
function messageOf(attachment: Attachment, place: string): Entity {
  const bytes = Buffer.from(withCrlf(Buffer.from(attachment.base64, 'base64').toString('latin1')), 'latin1')
  if (travelsAsIs(bytes)) {
    const header = `Content-Type: ${attachment.contentType}\r\nContent-Transfer-Encoding: 7bit\r\n${place}`
    return { kind: 'leaf', header, body: bytes, encoded: false }
  }
  const header = `Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n${place}`
  return { kind: 'leaf', header, body: wrapBase64(attachment.base64), encoded: true }
}

/** What costs time of a large part: may be done elsewhere, beforehand. */
export function encodePart(
  contentType: string,
  content: Uint8Array,
): { readonly encoded: PartEncoding; readonly content: Buffer } {
  const encoded = encodingOf(contentType, content)
  const bytes = asText(content)
  return { encoded, content: encoded === 'base64' ? wrapBase64(bytes.toString('base64')) : bytes }
}

function machinePart(part: MachinePart): Entity {
  const { contentType, description, filename } = part
  const place = filename === '' ? 'inline' : `attachment${parameter('filename', filename)}`
  const said = description === '' ? '' : `Content-Description: ${description}\r\n`
  const rest = `${said}Content-Disposition: ${place}\r\n`
  const { content, encoded } =
    part.encoded === undefined ? encodePart(contentType, part.content) : { ...part, encoded: part.encoded }
  const body = asText(content)
  if (encoded === 'base64') {
    // RFC 2046 §5.2.1, RFC 3464 §2.1: these may not be base64; as a plain file it arrives whole, if unread by machines.
    const type = /^message\//i.test(contentType) ? 'application/octet-stream' : contentType
    const header = `Content-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n${rest}`
    return { kind: 'leaf', header, body, encoded: true }
  }
  const header = `Content-Type: ${contentType}\r\nContent-Transfer-Encoding: ${encoded}\r\n${rest}`
  return { kind: 'leaf', header, body, encoded: false }
}

/** 8bit for mail that holds it: a message inside a message keeps its octets. */
function encodingOf(contentType: string, content: Uint8Array): PartEncoding {
  if (!/^(?:message|text)\//i.test(contentType)) return 'base64'
  const bytes = asText(content)
  if (!keepsToLines(bytes)) return 'base64'
  return isAscii(bytes) ? '7bit' : '8bit'
}

const asText = (content: Uint8Array): Buffer =>
  Buffer.from(content.buffer, content.byteOffset, content.byteLength)

// ── Boundaries ──────────────────────────────────────────────────────────────────────────────────

/**
 * The common stem of all boundaries, proven absent from every part. `=_` cannot occur in quoted-printable or
 * base64 (RFC 2045 §6.7), so only parts that travel as they are must be looked through.
 */
function boundaryFor(root: Entity, seed: string): string {
  if (root.kind === 'leaf') return ''
  const safe = /^[A-Za-z0-9_.-]{1,40}$/.test(seed)
    ? seed
    : createHash('sha256').update(seed).digest('hex').slice(0, 32)
  let stem = `=_${safe}`
  for (let turn = 1; occursIn(root, stem); turn++) stem = `=_${safe}-${turn}`
  return stem
}

function occursIn(entity: Entity, stem: string): boolean {
  if (entity.kind === 'multipart') return entity.parts.some((part) => occursIn(part, stem))
  return !entity.encoded && entity.body.includes(stem, 0, 'latin1')
}

// ── Writing ─────────────────────────────────────────────────────────────────────────────────────

/** `boundary` is unique to this entity: each level adds a letter, so none is a prefix of another's line. */
function write(entity: Entity, boundary: string, pieces: Piece[]): void {
  if (entity.kind === 'leaf') {
    pieces.push(entity.header, '\r\n', entity.body)
    return
  }
  const own = `${boundary}/${entity.type[0]}`
  pieces.push(`Content-Type: multipart/${entity.type};\r\n boundary="${own}"\r\n`)
  for (const part of entity.parts) {
    pieces.push(`\r\n--${own}\r\n`)
    write(part, boundary, pieces)
  }
  pieces.push(`\r\n--${own}--\r\n`)
}

const endsWithCrlf = (body: Buffer): boolean => body.length === 0 || body[body.length - 1] === 10

function join(pieces: readonly Piece[]): Buffer {
  let size = 0
  for (const piece of pieces) size += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length
  const out = Buffer.allocUnsafe(size)
  let to = 0
  for (const piece of pieces)
    to += typeof piece === 'string' ? out.write(piece, to, 'utf8') : piece.copy(out, to)
  return out
}
