//
// Owns: a letter as programs want it: decoded header, texts and attachments. The library knows the charsets, encodings
// and nestings of thirty years (docs/decisions/0011-libraries-for-returned-letters.md).
// Never: judges bounces; those are damaged more often than not, and mail/bounces reads them in linear time.

import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser'

export interface Letter {
  readonly messageId: string | null
  readonly subject: string
  readonly from: readonly Correspondent[]
  readonly to: readonly Correspondent[]
  readonly cc: readonly Correspondent[]
  readonly replyTo: readonly Correspondent[]
  readonly inReplyTo: string | null
  readonly references: readonly string[]
  readonly date: Date | null
  readonly text: string | null
  readonly html: string | null
  /** In their order, unfolded, undecoded. */
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly attachments: readonly LetterAttachment[]
}

export interface Correspondent {
  readonly name: string
  readonly address: string
}

export interface LetterAttachment {
  readonly filename: string
  readonly contentType: string
  readonly contentId: string | null
  readonly content: Uint8Array
}

/** Text made of HTML or the other way round, and links in it, would be our words in another's letter. */
const AS_WRITTEN = { skipHtmlToText: true, skipTextToHtml: true, skipTextLinks: true, skipImageLinks: true }

export async function readLetter(bytes: Uint8Array): Promise<Letter> {
  const parsed = await simpleParser(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), AS_WRITTEN)
  return {
    messageId: parsed.messageId ?? null,
    subject: parsed.subject ?? '',
    from: people(parsed.from),
    to: people(parsed.to),
    cc: people(parsed.cc),
    replyTo: people(parsed.replyTo),
    inReplyTo: parsed.inReplyTo ?? null,
    references: [parsed.references ?? []].flat(),
    date: parsed.date && !Number.isNaN(parsed.date.getTime()) ? parsed.date : null,
    text: parsed.text ?? null,
    html: parsed.html === false || parsed.html === undefined ? null : parsed.html,
    headers: parsed.headerLines.map(({ line }) => field(line)),
    attachments: parsed.attachments.map(attachment),
  }
}

/** Groups are their members. */
function people(field: ParsedMail['from'] | ParsedMail['to']): readonly Correspondent[] {
  const found: AddressObject[] = [field ?? []].flat()
  return found
    .flatMap(({ value }) => value.flatMap((one) => one.group ?? [one]))
    .map(({ name, address }) => ({ name, address: address ?? '' }))
}

function field(line: string): { readonly name: string; readonly value: string } {
  const colon = line.indexOf(':')
  const value = line.slice(colon + 1).replace(/\r?\n(?=[ \t])/g, '')
  return { name: line.slice(0, Math.max(colon, 0)).trim(), value: value.trim() }
}

const attachment = (one: ParsedMail['attachments'][number]): LetterAttachment => ({
  filename: one.filename ?? '',
  contentType: one.contentType,
  contentId: one.contentId?.replace(/^<|>$/g, '') ?? null,
  content: one.content,
})
