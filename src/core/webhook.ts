//
// Owns: the words of webhooks: which events can be asked for, and what a webhook is.

import type { Brand } from './brand.ts'
import type { AccountEventType, LogEventType, MailEventType } from './event.ts'
import type { AccountId } from './ids.ts'
import type { Milliseconds } from './time.ts'

export type WebhookId = Brand<string, 'WebhookId'>

/** The promised six (api.md A): what is posted to who names no events. */
export const USUAL_EVENTS = [
  'email.delivered',
  'email.opened',
  'email.clicked',
  'email.bounced',
  'email.complained',
  'email.unsubscribed',
] as const satisfies readonly MailEventType[]

/** The compiler holds these lists complete. */
export const MAIL_EVENT_TYPES = Object.keys({
  'email.queued': 0,
  'email.delivered': 0,
  'email.deferred': 0,
  'email.bounced': 0,
  'email.opened': 0,
  'email.clicked': 0,
  'email.complained': 0,
  'email.unsubscribed': 0,
  'email.failed': 0,
  'email.suppressed': 0,
  'email.cancelled': 0,
} satisfies Record<MailEventType, 0>) as readonly MailEventType[]

export const ACCOUNT_EVENT_TYPES = Object.keys({
  'domain.verified': 0,
  'domain.unverified': 0,
  'domain.dkim_rotated': 0,
  'domain.action_needed': 0,
  'account.quota_near': 0,
  'account.quota_reached': 0,
  'alert.raised': 0,
  'alert.cleared': 0,
} satisfies Record<AccountEventType, 0>) as readonly AccountEventType[]

/** In whose words events are told: ours, or those of a vendor whose users came here. */
export const WEBHOOK_FORMATS = ['mailwok', 'resend', 'sendgrid', 'postmark', 'mailgun'] as const
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number]

/** All that can be asked for. */
export const EVENT_TYPES: readonly LogEventType[] = [...MAIL_EVENT_TYPES, ...ACCOUNT_EVENT_TYPES]

export interface Webhook {
  readonly id: WebhookId
  readonly accountId: AccountId
  readonly url: string
  readonly events: readonly LogEventType[]
  /** For good: what the receiver checks signatures with hangs on it. */
  readonly format: WebhookFormat
  /** For people. */
  readonly note: string
  readonly state: 'enabled' | 'disabled'
  /** Why it is disabled, for people; empty else. */
  readonly reason: string
  readonly createdAt: Milliseconds
  /** Since when nothing was taken; null: the last post was, or there was none. */
  readonly failingSince: Milliseconds | null
}

export const parseWebhookId = (text: string): WebhookId | null =>
  /^whk_[0-9a-z]{12}$/.test(text) ? (text as WebhookId) : null
