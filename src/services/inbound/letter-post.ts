//
// Owns: what a webhook is told of a letter: one JSON body, frozen when the letter came in. Pure.

import type { ForwardPath } from '../../core/address.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { Correspondent, Letter } from '../../mail/mime/letter.ts'
import type { InboundPost, InboundRoute } from '../../store/inbound-store.ts'
import type { Letterbox } from './incoming.ts'

export interface PostFacts {
  readonly route: InboundRoute
  readonly recipient: ForwardPath
  readonly letter: Pick<Letterbox, 'digest' | 'reversePath'>
  /** As `letterJson` made it. */
  readonly json: string
  readonly now: Milliseconds
}

/** Hex digits of the digest that make an id; 96 bits. */
const ID_DIGITS = 24

/** What is the same for all recipients of a letter; made in the reading thread. */
export function letterJson(read: Letter, rawSize: number): string {
  return JSON.stringify({
    from: read.from.map(person),
    to: read.to.map(person),
    cc: read.cc.map(person),
    reply_to: read.replyTo.map(person),
    subject: read.subject,
    date: read.date === null ? null : new Date(read.date).toISOString(),
    message_id: read.messageId,
    in_reply_to: read.inReplyTo,
    references: read.references,
    text: read.text,
    html: read.html,
    headers: read.headers,
    attachments: read.attachments.map((attachment) => ({
      filename: attachment.filename,
      content_type: attachment.contentType,
      content_id: attachment.contentId,
      size: attachment.content.byteLength,
      content: Buffer.from(attachment.content).toString('base64'),
    })),
    raw_size: rawSize,
  })
}

/** The same mail for the same address is one post, however often a peer that lost our answer sends it. */
export function postOf({ route, recipient, letter, json, now }: PostFacts): InboundPost {
  const name = `${letter.digest()} ${recipient}`
  const id = `in_${new Bun.CryptoHasher('sha256').update(name).digest('hex').slice(0, ID_DIGITS)}`
  const timestamp = new Date(now).toISOString()
  const own = JSON.stringify({ id, envelope: { from: letter.reversePath, to: recipient } })
  // Both are objects with fields: one brace of each makes them one.
  const data = `${own.slice(0, -1)},${json.slice(1)}`
  return {
    id,
    routeId: route.id,
    accountId: route.accountId,
    body: `{"type":"inbound.received","timestamp":"${timestamp}","data":${data}}`,
    attempts: 0,
    dueAt: now,
    createdAt: now,
    lastError: '',
  }
}

const person = ({ name, address }: Correspondent) => ({ name, address })
