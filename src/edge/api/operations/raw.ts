//
// Owns: what /v1/email/raw says of itself.

import { REFUSAL_CODES } from '../../../services/submission/refusal.ts'
import { operation } from '../operation.ts'
import { Sent } from '../schema/message-answers.ts'
import { RawBody, RawQuery } from '../schema/raw.ts'
import { IdempotencyHeader, SEND } from './message.ts'

export const SEND_RAW = operation({
  summary: 'Send a message that is written already',
  description:
    'RFC 5322 octets, kept as they are: as `message/rfc822` with the envelope in the query, or in JSON as `{"from", "to", "raw"}`. The envelope names the recipients, not the header; Bcc is taken out. Options are fields of its header, as over SMTP: `X-MailWok-Tags`, `X-MailWok-Scheduled-At` and so on, and opens and clicks are counted only where they say so. A message whose line ends are all bare LF gets CRLF.',
  headers: IdempotencyHeader,
  query: RawQuery,
  bodyExample: {
    from: 'shop@example.com',
    to: ['ada@example.net'],
    raw: 'RnJvbTogU2hvcCA8c2hvcEBleGFtcGxlLmNvbT4NClRvOiBhZGFAZXhhbXBsZS5uZXQNClN1YmplY3Q6IEhlbGxvDQoNCkl0IHdvcmtzLg0K',
  },
  bodies: { 'application/json': RawBody, 'message/rfc822': null },
  answers: {
    200: {
      description: 'Accepted: it will be delivered, or you will be told why not.',
      schema: Sent,
      example: SEND.detail['x-operation'].answers[200]?.example,
    },
  },
  problems: REFUSAL_CODES,
})
