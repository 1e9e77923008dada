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
  readonly letter: Letterbox
  readonly read: Letter
  readonly now: Milliseconds
}

/** Hex digits of the digest that make an id; 96 bits. */
const ID_DIGITS = 24

/** The same mail for the same address is one post, however often a peer that lost our answer sends it. */
export function postOf({ route, recipient, letter, read, now }: PostFacts): InboundPost {
  const id = `in_${new Bun.CryptoHasher('sha256').update(`${letter.digest} ${recipient}`).digest('hex').slice(0, ID_DIGITS)}`
  const body = {
    type: 'inbound.received',
    timestamp: new Date(now).toISOString(),
    data: {
      id,
      envelope: { from: letter.reversePath, to: recipient },
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
      raw_size: letter.bytes.byteLength,
    },
  }
  return {
    id,
    routeId: route.id,
    accountId: route.accountId,
    body: JSON.stringify(body),
    attempts: 0,
    dueAt: now,
    createdAt: now,
    lastError: '',
  }
}

const person = ({ name, address }: Correspondent) => ({ name, address })
