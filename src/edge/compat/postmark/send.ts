//
// Owns: from a message of Postmark's to one of MailWok's. Pure.

import type { FieldFault } from '../../../services/submission/refusal.ts'
import { addressesAt } from '../addresses.ts'
import { Fields } from '../fields.ts'
import { POSTMARK_PLACEHOLDERS, placeholderFaults } from '../placeholders.ts'
import { type Json, listAt, objectAt, said, textAt } from '../values.ts'
import { POSTMARK_SEND, POSTMARK_TEMPLATED } from './fields.ts'

const PLAIN = new Fields(POSTMARK_SEND)
const TEMPLATED = new Fields(POSTMARK_TEMPLATED)

const STREAMS: Readonly<Record<string, string>> = { outbound: 'transactional', broadcast: 'marketing' }
const LINKS: Readonly<Record<string, boolean>> = { None: false, HtmlOnly: true }

export function readMessage(body: unknown, kind: 'plain' | 'templated', faults: FieldFault[]): Json {
  faults.push(...(kind === 'plain' ? PLAIN : TEMPLATED).faults(body))
  const message = objectAt(body ?? {}, 'the body', faults)
  const { HtmlBody, TextBody } = message
  placeholderFaults({ HtmlBody, TextBody }, POSTMARK_PLACEHOLDERS, faults)
  const tag = textAt(message['Tag'], 'Tag', faults)
  return said({
    from: message['From'],
    to: addressesAt(message['To'], 'To', faults),
    cc: addressesAt(message['Cc'], 'Cc', faults),
    bcc: addressesAt(message['Bcc'], 'Bcc', faults),
    reply_to: addressesAt(message['ReplyTo'], 'ReplyTo', faults),
    subject: message['Subject'],
    html: HtmlBody,
    text: TextBody,
    tags: tag ? [tag] : undefined,
    headers: headersOf(message['Headers'], faults),
    track_opens: message['TrackOpens'],
    track_clicks: wordAt(message['TrackLinks'], 'TrackLinks', { words: LINKS, faults }),
    custom: message['Metadata'],
    attachments: attachmentsOf(message['Attachments'], faults),
    stream: wordAt(message['MessageStream'], 'MessageStream', { words: STREAMS, faults }),
    ...(kind === 'templated' ? templateOf(message, faults) : {}),
  })
}

function templateOf(message: Json, faults: FieldFault[]): Json {
  const alias = textAt(message['TemplateAlias'], 'TemplateAlias', faults)
  if (alias === undefined && (message['TemplateId'] ?? null) === null) {
    faults.push({ path: 'TemplateAlias', code: 'required', message: 'is required' })
  }
  return { template_id: alias, data: objectAt(message['TemplateModel'], 'TemplateModel', faults) }
}

function headersOf(value: unknown, faults: FieldFault[]): Json | undefined {
  const headers: Record<string, string> = {}
  for (const [place, one] of listAt(value, 'Headers', faults).entries()) {
    const path = `Headers[${place}]`
    const header = objectAt(one, path, faults)
    const name = textAt(header['Name'], `${path}.Name`, faults)
    const text = textAt(header['Value'], `${path}.Value`, faults)
    if (name === undefined || text === undefined) continue
    if (Object.keys(headers).some((known) => known.toLowerCase() === name.toLowerCase())) {
      faults.push({
        path: `${path}.Name`,
        code: 'conflict',
        message: 'stands there twice; a field stands once',
      })
    }
    headers[name] = text
  }
  return Object.keys(headers).length === 0 ? undefined : headers
}

function attachmentsOf(value: unknown, faults: FieldFault[]): Json[] | undefined {
  if (value === null || value === undefined) return undefined
  return listAt(value, 'Attachments', faults).map((one, place) => {
    const path = `Attachments[${place}]`
    const file = objectAt(one, path, faults)
    const id = textAt(file['ContentID'], `${path}.ContentID`, faults)?.replace(/^cid:/i, '') || undefined
    const disposition = textAt(file['Disposition'], `${path}.Disposition`, faults)
    if (disposition === 'inline' && id === undefined) {
      faults.push({ path: `${path}.ContentID`, code: 'required', message: 'is required where it is inline' })
    }
    return said({
      filename: file['Name'],
      content: file['Content'],
      content_type: file['ContentType'],
      content_id: disposition === 'attachment' ? undefined : id,
    })
  })
}

interface Words<T> {
  readonly words: Readonly<Record<string, T>>
  readonly faults: FieldFault[]
}

function wordAt<T>(value: unknown, path: string, { faults, words }: Words<T>): T | undefined {
  const word = textAt(value, path, faults)
  if (word === undefined) return undefined
  if (Object.hasOwn(words, word)) return words[word]
  const message = `is ${JSON.stringify(word.slice(0, 60).toWellFormed())}; want ${Object.keys(words).join(' or ')}`
  faults.push({ path, code: 'not_available', message })
  return undefined
}
