//
// Owns: what /v1/email answers, as schemas: view.ts, routes/content.ts and services/explain make it.

import { t } from 'elysia'
import { done, instant, nullable, whole, words } from './answers.ts'
import { MessageEvent } from './event-answers.ts'

const textOrNull = nullable(t.String())
export const messageId = t.String({ pattern: '^msg_[0-9a-z]{12}$', examples: ['msg_mwsuuzu20001'] })

/** Parts of a path under /v1/email/{id}. */
export const MessagePath = t.Object({
  id: t.String({
    description: 'The `message_id` of the answer to the send.',
    examples: ['msg_mwsuuzu20001'],
  }),
})

export const Sent = done({
  message_id: messageId,
  status: t.String({
    description:
      '`queued`, `scheduled` when it waits for `scheduled_at`, or `suppressed` when every recipient is on the suppression list.',
  }),
  estimated_delivery: t.String({
    description: 'Measured: 19 of 20 arrived within it. Of what is scheduled, the time at which it leaves.',
    examples: ['<200ms'],
  }),
  scheduled_at: t.Optional(instant('When it leaves; absent: as soon as it can.')),
})

export const STATES = [
  'queued',
  'held',
  'delivered',
  'bounced',
  'suppressed',
  'cancelled',
  'failed',
  'scheduled',
] as const
export const state = words(STATES)

const Attempt = t.Object(
  {
    number: whole({ minimum: 1 }),
    started_at: instant(),
    ended_at: instant(),
    outcome: t.String(),
    mx: textOrNull,
    ip: textOrNull,
    source_ip: textOrNull,
    tls: nullable(t.Object({ version: t.String(), cipher: t.String(), verified: t.Unknown() })),
    code: nullable(whole(), { description: 'The SMTP reply.' }),
    enhanced_code: textOrNull,
    response: t.String(),
    via: t.String({ description: 'direct, or relay: and the smarthost' }),
    transcript: t.Array(t.String(), { description: 'A line for each thing said.' }),
  },
  { title: 'Attempt' },
)

export const Message = done({
  message_id: messageId,
  status: state,
  from: t.String(),
  to: t.Array(t.String()),
  subject: t.String(),
  stream: words(['transactional', 'marketing']),
  list: textOrNull,
  tags: t.Array(t.String()),
  custom: nullable(t.Record(t.String(), t.Unknown())),
  source: words(['api', 'smtp', 'notice']),
  test: t.Boolean(),
  size: whole({ minimum: 0, description: 'Octets as stored.' }),
  created_at: instant(),
  scheduled_at: nullable(instant('When it is to leave.')),
  expires_at: instant('No attempt starts after this.'),
  deliveries: t.Array(
    t.Object({
      delivery_id: t.String(),
      recipient: t.String(),
      status: state,
      attempts: t.Array(Attempt),
      next_attempt_at: nullable(instant()),
      finished_at: nullable(instant()),
    }),
  ),
  events: t.Array(MessageEvent),
})

export const Content = done({
  message_id: messageId,
  recipient: t.String(),
  source: t.String({ description: 'Whether it was captured as it went out, or rendered now.' }),
  size: whole({ minimum: 0 }),
  subject: t.String(),
  html: textOrNull,
  text: textOrNull,
})

export const Explained = done({
  message_id: messageId,
  summary: t.String(),
  recipients: t.Array(
    t.Object({
      recipient: t.String(),
      status: state,
      what_happened: t.String(),
      at_fault: nullable(
        t.Object({
          blame: t.String(),
          reason: t.String(),
          enhanced_code: textOrNull,
          in_words: t.String(),
        }),
      ),
      what_to_do: textOrNull,
      what_happens_next: t.String(),
      next_attempt_at: nullable(instant()),
      timeline: t.Array(
        t.Object({ at: instant(), text: t.String(), transcript: t.Optional(t.Array(t.String())) }),
      ),
    }),
  ),
})
