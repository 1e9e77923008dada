//
// Owns: events as schemas: as webhooks post them, as /v1/events lists them (services/webhooks/body.ts), and as a message
// shows its own (view.ts).

import type { ObjectOptions, TProperties } from '@sinclair/typebox'
import { t } from 'elysia'
import type { AccountEventType, LogEventType, MailEventType } from '../../../core/event.ts'
import { ACCOUNT_EVENT_TYPES, EVENT_TYPES, MAIL_EVENT_TYPES } from '../../../core/webhook.ts'
import { instant, nullable, whole, words } from './answers.ts'

const integer = (description?: string) =>
  whole(description === undefined ? { minimum: 0 } : { minimum: 0, description })
const textOrNull = (description?: string) => nullable(t.String(), description ? { description } : {})

export const Bounce = t.Object(
  {
    type: words(['hard', 'soft'], 'hard: the address is unusable; soft: every other reason'),
    reason: t.String({
      description: 'One of the closed list in the page on bounces.',
      examples: ['mailbox_unknown'],
    }),
    enhanced_code: textOrNull('RFC 3463, such as 5.1.1.'),
    diagnostic: t.String({ description: 'The words of the receiving host.' }),
    blame: textOrNull('recipient, content, reputation, sender-config, receiver or network'),
    remedy: textOrNull('What to do, in a sentence.'),
  },
  { title: 'Bounce' },
)

const Entry = nullable(t.Object({ reason: t.String(), scope: t.String(), since: instant() }), {
  description: 'The entry of the suppression list that stopped it.',
})
const machine = {
  machine: nullable(t.Boolean(), { description: 'Whether a program did it; null: nobody can tell.' }),
  machine_why: t.Array(t.String(), { description: 'What speaks for a program.' }),
}
const reader = { ip: textOrNull('Of the reader.'), user_agent: textOrNull('Of the reader.') }

/** What each carries beyond the promised keys, in webhooks and lists. */
const ON_TOP: Readonly<Record<MailEventType, TProperties>> = {
  'email.queued': {},
  'email.delivered': {
    mx: textOrNull('The host that took it.'),
    response: t.String({ description: 'Its answer.' }),
    elapsed_ms: integer('From accepting to that answer.'),
    untracked: t.Optional(
      t.String({ description: 'Why opens and clicks are not counted although that was asked for.' }),
    ),
  },
  'email.deferred': { mx: textOrNull(), bounce: Bounce, next_attempt_at: instant() },
  'email.bounced': {
    mx: textOrNull(),
    bounce: Bounce,
    late: t.Boolean({ description: 'It came back after it had been delivered.' }),
  },
  'email.opened': machine,
  'email.clicked': { url: t.String(), ...machine },
  'email.complained': { feedback_type: t.String(), reporter: textOrNull() },
  'email.unsubscribed': { scope: t.String(), by: words(['one-click', 'page', 'mailto']) },
  'email.failed': { reason: t.String() },
  'email.suppressed': { reason: t.String(), suppression: Entry },
  'email.cancelled': { reason: t.String() },
}

const promised = (type: MailEventType): TProperties => ({
  event: t.Literal(type),
  timestamp: instant(),
  message_id: t.String({ examples: ['msg_mwsuuzu20001'] }),
  recipient: t.String({ examples: ['ada@example.net'] }),
  metadata: t.Object({
    tags: t.Array(t.String()),
    ip: textOrNull('The reader’s for opened, clicked and unsubscribed; the receiving host’s else.'),
    user_agent: textOrNull('The reader’s, or the software of the receiving host.'),
  }),
  type: t.Literal(type, { description: 'The same as event.' }),
  custom: nullable(t.Record(t.String(), t.Unknown()), { description: 'As the send had it.' }),
  test: t.Boolean({ description: 'Sent with a test key.' }),
})

/** Of no mail: what it tells beside stands in `details` of core/event.ts. */
const ofAccount = (type: AccountEventType): TProperties => ({
  event: t.Literal(type),
  timestamp: instant(),
  message_id: t.Null(),
  recipient: t.Null(),
  metadata: t.Object({ tags: t.Array(t.String()), ip: t.Null(), user_agent: t.Null() }),
  type: t.Literal(type, { description: 'The same as event.' }),
  custom: t.Null(),
  test: t.Boolean(),
})

/** Of things other than mail the rest is told by their own pages. */
const bodyOf = (type: LogEventType, more: TProperties = {}, said: ObjectOptions = {}) =>
  isOfAccount(type)
    ? t.Object({ ...more, ...ofAccount(type) }, { ...said, additionalProperties: t.Unknown() })
    : t.Object({ ...more, ...promised(type), ...ON_TOP[type] }, said)

/** The body of a webhook. */
export const webhookBodySchema = (type: LogEventType) => bodyOf(type, {}, { title: titleOf(type) })

const isOfAccount = (type: LogEventType): type is AccountEventType =>
  ACCOUNT_EVENT_TYPES.some((one) => one === type)

/** email.delivered → EmailDelivered */
const titleOf = (type: string): string =>
  type.replace(/(?:^|[._])([a-z])/g, (_, letter: string) => letter.toUpperCase())

export const ListedEvent = t.Union(
  EVENT_TYPES.map((type) =>
    bodyOf(type, {
      id: t.String({ examples: ['evt_mwsuuzu20004'] }),
      cursor: t.String({ description: 'Its place in the log, for `after` and Last-Event-ID.' }),
    }),
  ),
  { title: 'ListedEvent' },
)

const failed = { mx: textOrNull(), ip: textOrNull(), via: t.String(), bounce: Bounce }
const FLAT: Readonly<Record<MailEventType, TProperties>> = {
  'email.queued': {},
  'email.delivered': {
    mx: textOrNull(),
    ip: textOrNull(),
    via: t.String({ description: 'direct, or relay: and the smarthost' }),
    response: t.String(),
    elapsed_ms: t.Number(),
    untracked: t.Optional(t.String()),
  },
  'email.deferred': { ...failed, next_attempt_at: instant() },
  'email.bounced': { ...failed, late: t.Optional(t.Literal(true)) },
  'email.opened': { ...reader, ...machine },
  'email.clicked': { url: t.String(), ...reader, ...machine },
  'email.complained': { feedback_type: t.String(), reporter: textOrNull() },
  'email.unsubscribed': { scope: t.String(), by: words(['one-click', 'page', 'mailto']), ...reader },
  'email.failed': { reason: t.String() },
  'email.suppressed': { reason: t.String(), suppression: Entry },
  'email.cancelled': { reason: t.String() },
}

/** As GET /v1/email/{id} shows it. */
export const MessageEvent = t.Union(
  MAIL_EVENT_TYPES.map((type) =>
    t.Object({
      id: t.String(),
      event: t.Literal(type),
      timestamp: instant(),
      message_id: t.String(),
      recipient: t.String(),
      ...FLAT[type],
    }),
  ),
  { title: 'MessageEvent' },
)
