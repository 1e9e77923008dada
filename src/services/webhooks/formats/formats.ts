//
// Owns: in whose words an event is told to a webhook: what each format has names for, and its body. Pure.

import { isOfMail, type LogEvent, type LogEventType } from '../../../core/event.ts'
import { EVENT_TYPES, USUAL_EVENTS, type WebhookFormat } from '../../../core/webhook.ts'
import { webhookBody } from '../body.ts'
import { MAILGUN_TELLER } from './mailgun.ts'
import { POSTMARK_TELLER } from './postmark.ts'
import { RESEND_TELLER } from './resend.ts'
import { SENDGRID_TELLER } from './sendgrid.ts'
import type { Teller, ToldFacts } from './told.ts'

const TELLERS: Readonly<Record<Exclude<WebhookFormat, 'mailwok'>, Teller>> = {
  resend: RESEND_TELLER,
  sendgrid: SENDGRID_TELLER,
  postmark: POSTMARK_TELLER,
  mailgun: MAILGUN_TELLER,
}

/** What can be asked for in this format. */
export function typesOf(format: WebhookFormat): readonly LogEventType[] {
  if (format === 'mailwok') return EVENT_TYPES
  const names = TELLERS[format].names
  return EVENT_TYPES.filter((type) => type in names)
}

/** What is told to who names no events. */
export const usualOf = (format: WebhookFormat): readonly LogEventType[] => {
  const known = new Set(typesOf(format))
  return USUAL_EVENTS.filter((type) => known.has(type))
}

/** JSON; null: the format has no words for it. */
export function toldBody(format: WebhookFormat, event: LogEvent, facts: ToldFacts | null): string | null {
  if (format === 'mailwok') return JSON.stringify(webhookBody(event, facts))
  const teller = TELLERS[format]
  if (!isOfMail(event) || !(event.type in teller.names)) return null
  return JSON.stringify(teller.body(event, facts))
}
