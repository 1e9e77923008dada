//
// Owns: tracking in a message that a client wrote: its html parts are compiled once, everything else keeps every octet.
// Never: changes text parts, attachments, enclosed messages, or anything inside multipart/signed and multipart/encrypted.

import type { DeliveryId } from '../../core/ids.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { keepsToLines, quotedPrintable } from '../mime/body-encode.ts'
import { leavesOf, type MimeLeaf } from '../mime/tree.ts'
import { type Reading, readingOf } from './charset.ts'
import { type Edit, editsOf, type TrackingWish, waysOutOf } from './edits.ts'
import { markEdits } from './marks.ts'
import { fillTemplate, type Template, TemplateWriter } from './template.ts'
import { fromBase64, fromQuotedPrintable, type PartTransfer, transferOf } from './transfer.ts'

export type NotTracked =
  | 'too_many_parts'
  | 'no_html'
  /** Signed or encrypted by its author: a change would break it. */
  | 'sealed'
  /** A charset or an encoding that nobody here can read. */
  | 'unreadable'
  | 'nothing_to_track'

export interface TrackedMessage {
  /** In order; together they are the message. */
  readonly pieces: readonly Template[]
}

const SEALED: ReadonlySet<string> = new Set(['multipart/signed', 'multipart/encrypted'])

export function compileSubmitted(message: Buffer, wish: TrackingWish): Result<TrackedMessage, NotTracked> {
  const leaves = leavesOf(message)
  if (leaves === null) return fault('too_many_parts')
  const pages = leaves.filter(isPage)
  const open = pages.filter(({ inside }) => !inside.some((type) => SEALED.has(type)))
  if (open.length === 0) return fault(pages.length === 0 ? 'no_html' : 'sealed')
  const found = open.flatMap((leaf) => partOf(message, leaf) ?? [])
  if (found.length === 0) return fault('unreadable')
  const untouched = [...wish.untouched, ...waysOutOf(message)]
  const writer = new MessageWriter(message)
  // One pixel: a program that cuts a page in two around a picture shows both halves at once.
  let opens = wish.opens
  for (const part of found) {
    const edits = editsOf(part.reading, { ...wish, untouched, opens })
    if (edits.some(({ tail }) => tail === null)) opens = false
    if (edits.length > 0) writer.part(part, edits)
  }
  const pieces = writer.end()
  return pieces === null ? fault('nothing_to_track') : ok({ pieces })
}

/** The marks of ways out in the header, which the door has written at its top, become holes too. Null: nothing differs. */
export function withHeaderMarks(message: Buffer, tracked: TrackedMessage | null): TrackedMessage | null {
  const [first, ...rest] = tracked?.pieces ?? [new TemplateWriter().octets(message).end()]
  if (first === undefined) return tracked
  const end = first.octets.indexOf('\r\n\r\n')
  const header = first.octets.toString('latin1', 0, end === -1 ? first.octets.length : end)
  const holes = markEdits(header).map(({ start, tail, leave }) => ({ at: start, tail, leave }))
  if (holes.length === 0) return tracked
  return { pieces: [{ ...first, holes: [...holes, ...first.holes] }, ...rest] }
}

/** The octets of one copy. */
export function fillMessage(message: TrackedMessage, delivery: DeliveryId, key: Uint8Array): Buffer {
  const [first, ...rest] = message.pieces.map((piece) => fillTemplate(piece, delivery, key))
  return first !== undefined && rest.length === 0 ? first : Buffer.concat([first ?? NOTHING, ...rest])
}

const NOTHING = Buffer.alloc(0)

/** A file with a name is somebody's document, also where it is shown in place. */
function isPage({ type, parameters, scan }: MimeLeaf): boolean {
  if (type !== 'text/html' || parameters.has('name')) return false
  const disposition = scan.value('content-disposition') ?? ''
  return !/^\s*attachment\b/i.test(disposition) && !/;\s*filename\b/i.test(disposition)
}

interface Part {
  readonly leaf: MimeLeaf
  readonly transfer: PartTransfer
  readonly body: Buffer
  /** Decoded. */
  readonly octets: Buffer
  readonly reading: Reading
}

function partOf(message: Buffer, leaf: MimeLeaf): Part | null {
  const transfer = transferOf(leaf.scan.value('content-transfer-encoding'))
  const body = message.subarray(leaf.bodyStart, leaf.bodyEnd)
  const octets = transfer === null ? null : decoded(body, transfer)
  if (transfer === null || octets === null) return null
  const reading = readingOf(octets, leaf.parameters.get('charset') ?? '')
  // UTF-16 has line ends of its own (RFC 2046 §4.1.1): it travels as base64 or not at all.
  if (reading === null || (reading.width === 2 && transfer !== 'base64')) return null
  return { leaf, transfer, body, octets, reading }
}

function decoded(body: Buffer, transfer: PartTransfer): Buffer | null {
  switch (transfer) {
    case 'as-is':
      return body
    case 'quoted-printable':
      return fromQuotedPrintable(body).octets
    case 'base64':
      return fromBase64(body)
    default:
      return transfer satisfies never
  }
}

/** What stands between parts goes from the message to the pieces as it is. */
class MessageWriter {
  readonly #message: Buffer
  readonly #pieces: Template[] = []
  #writer = new TemplateWriter()
  #from = 0

  constructor(message: Buffer) {
    this.#message = message
  }

  part(part: Part, edits: readonly Edit[]): void {
    if (part.transfer === 'base64') this.#base64(part, edits)
    else if (part.transfer === 'quoted-printable') this.#quoted(part, edits)
    else if (staysInLines(part, edits)) this.#asIs(part, edits)
    else this.#newlyQuoted(part.leaf, edits)
  }

  /** Null when no part was changed. */
  end(): readonly Template[] | null {
    if (this.#from === 0) return null
    this.#copyTo(this.#message.length)
    return [...this.#pieces, this.#writer.end()]
  }

  #copyTo(end: number): void {
    this.#writer.octets(this.#message.subarray(this.#from, end))
    this.#from = end
  }

  #asIs({ leaf, body }: Part, edits: readonly Edit[]): void {
    this.#copyTo(leaf.bodyStart)
    withEdits(this.#writer, { body, edits, width: 1 })
    this.#from = leaf.bodyEnd
  }

  /** A long link made a line longer than SMTP carries (RFC 5321 §4.5.3.1.6): the part is encoded, and says so. */
  #newlyQuoted({ start, bodyStart, bodyEnd, scan }: MimeLeaf, edits: readonly Edit[]): void {
    const field = scan.fields.find(({ name }) => name === 'content-transfer-encoding')
    this.#copyTo(start + (field?.start ?? scan.headerEnd))
    this.#writer.ascii('Content-Transfer-Encoding: quoted-printable\r\n')
    this.#from = start + (field?.end ?? scan.headerEnd)
    this.#copyTo(bodyStart)
    let from = bodyStart
    for (const edit of edits) {
      this.#writer.octets(quotedPrintable(this.#message.subarray(from, bodyStart + edit.start)))
      from = bodyStart + edit.end
      this.#writer.quotedEdit(edit, from < bodyEnd ? 'more' : 'end')
    }
    this.#writer.octets(quotedPrintable(this.#message.subarray(from, bodyEnd)))
    this.#from = bodyEnd
  }

  #quoted({ leaf, body }: Part, edits: readonly Edit[]): void {
    const { beginOf, endOf } = fromQuotedPrintable(body)
    for (const edit of edits) {
      const start = beginOf(edit.start)
      const end = edit.end > edit.start ? endOf(edit.end - 1) : start
      this.#copyTo(leaf.bodyStart + start)
      this.#writer.quotedEdit(edit, end < body.length ? 'more' : 'end')
      this.#from = leaf.bodyStart + end
    }
  }

  #base64({ leaf, octets, reading: { letters, width } }: Part, edits: readonly Edit[]): void {
    this.#copyTo(leaf.bodyStart)
    const page = withEdits(new TemplateWriter(letters), { body: octets, edits, width })
    this.#pieces.push(this.#writer.end(), page.end(true))
    this.#writer = new TemplateWriter()
    this.#from = leaf.bodyEnd
  }
}

interface EditedBody {
  readonly body: Buffer
  readonly edits: readonly Edit[]
  /** Octets per character that edits count in. */
  readonly width: 1 | 2
}

const staysInLines = ({ body }: Part, edits: readonly Edit[]): boolean =>
  keepsToLines(withEdits(new TemplateWriter(), { body, edits, width: 1 }).end().octets)

function withEdits(writer: TemplateWriter, { body, edits, width }: EditedBody): TemplateWriter {
  let from = 0
  for (const edit of edits) {
    writer.octets(body.subarray(from, edit.start * width)).edit(edit)
    from = edit.end * width
  }
  return writer.octets(body.subarray(from))
}
