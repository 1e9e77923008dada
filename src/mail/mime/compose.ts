//
// Owns: the bytes of a composed message: header, MIME tree, encodings, boundaries (RFC 2045, 2046, 2387, 2183).
// Never: reads a clock or dice. The same parts and seed give the same bytes in every attempt (decision 7).

import { createHash } from 'node:crypto'
import type { Attachment, ComposedParts } from '../../core/content.ts'
import { encodeText, travelsAsIs, withCrlf, wrapBase64 } from './body-encode.ts'
import { parameter } from './header-encode.ts'

/** A part of the tree that knows its own header and is ready to be written. */
type Entity =
  | { readonly kind: 'leaf'; readonly header: string; readonly body: Buffer; readonly encoded: boolean }
  | { readonly kind: 'multipart'; readonly type: string; readonly parts: readonly Entity[] }

type Piece = string | Buffer

/** `seed` is the delivery's id: boundaries derive from it. */
export function composeMessage(parts: ComposedParts, seed: string): Buffer {
  const root = treeOf(parts)
  const pieces: Piece[] = [parts.header, 'MIME-Version: 1.0\r\n']
  write(root, boundaryFor(root, seed), pieces)
  // In a multipart the line end in front of a boundary belongs to the boundary; alone, a body has to end its line.
  if (root.kind === 'leaf' && !endsWithCrlf(root.body)) pieces.push('\r\n')
  return join(pieces)
}

// ── The tree ────────────────────────────────────────────────────────────────────────────────────

function treeOf(parts: ComposedParts): Entity {
  const inline = parts.html === null ? [] : parts.attachments.filter((it) => it.contentId !== null)
  const attached =
    parts.html === null ? parts.attachments : parts.attachments.filter((it) => it.contentId === null)
  const content = contentOf(
    parts,
    inline.map((it) => attachmentOf(it, 'inline')),
  )
  if (attached.length === 0) return content
  return multipart('mixed', [content, ...attached.map((it) => attachmentOf(it, 'attachment'))])
}

function contentOf({ text, html }: ComposedParts, inline: readonly Entity[]): Entity {
  if (html === null) return textOf('plain', text ?? '')
  const page = textOf('html', html)
  // RFC 2387 §3.1: type names the root's type.
  const whole = inline.length === 0 ? page : multipart('related; type="text/html"', [page, ...inline])
  // RFC 2046 §5.1.4: the plainest first, the richest last.
  return text === null ? whole : multipart('alternative', [textOf('plain', text), whole])
}

const multipart = (type: string, parts: readonly Entity[]): Entity => ({ kind: 'multipart', type, parts })

function textOf(subtype: 'plain' | 'html', text: string): Entity {
  const body = encodeText(text)
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
