//
// Owns: what one event of the log says about its recipient's address. Pure.
// Never: believes a refusal that speaks of us, of what we sent, or of the weather: reputation, policy, spam and content
// tell nothing about who lives at an address.

import { SYSTEM_ACCOUNT } from '../../core/account.ts'
import { domainOf } from '../../core/address.ts'
import type { MailEvent, MailEventType } from '../../core/event.ts'
import type { BounceReason } from '../../core/failure.ts'
import { SANDBOX_DOMAIN } from '../../core/message.ts'

export type Says =
  /** It took mail. */
  | { readonly kind: 'alive' }
  /** Nobody is there: no stream has any business with it. */
  | { readonly kind: 'gone' }
  /** Switched off, which may pass: once is no proof. */
  | { readonly kind: 'strike' }
  | { readonly kind: 'unwanted'; readonly reason: 'complaint' | 'unsubscribe'; readonly note: string }
  | { readonly kind: 'nothing' }

/** RFC 3463 X.1.1, X.1.2, X.1.6, X.1.10 and their like in words. A mistyped domain is as gone as a lapsed one. */
const GONE: ReadonlySet<BounceReason> = new Set([
  'mailbox_unknown',
  'mailbox_moved',
  'domain_unknown',
  'domain_refuses_mail',
] satisfies BounceReason[])

/** RFC 5965 §7.3, RFC 6591: these blame nobody for writing. */
const NO_COMPLAINT = new Set(['not-spam', 'auth-failure'])
const OPT_OUT = new Set(['opt-out', 'opt-out-list'])

/** The only types that say anything: of the others nobody has to be told. */
export const TELLING = [
  'email.delivered',
  'email.bounced',
  'email.complained',
] as const satisfies MailEventType[]
type Telling = Extract<MailEvent, { readonly type: (typeof TELLING)[number] }>

const isTelling = (event: MailEvent): event is Telling =>
  (TELLING as readonly MailEventType[]).includes(event.type)

const NOTHING: Says = { kind: 'nothing' }
const ALIVE: Says = { kind: 'alive' }

export function whatItSays(event: MailEvent): Says {
  if (!isTelling(event) || event.accountId === SYSTEM_ACCOUNT) return NOTHING
  if (domainOf(event.recipient) === SANDBOX_DOMAIN) return NOTHING
  switch (event.type) {
    case 'email.delivered':
      // Without a peer it was played or captured here.
      return event.peer.mx === null ? NOTHING : ALIVE
    case 'email.bounced': {
      const { reason, type } = event.failure
      if (reason === 'mailbox_disabled') return { kind: 'strike' }
      return type === 'hard' && GONE.has(reason) ? { kind: 'gone' } : NOTHING
    }
    case 'email.complained': {
      const { feedbackType, reporter } = event
      if (NO_COMPLAINT.has(feedbackType)) return NOTHING
      const note = `${feedbackType}${reporter === null ? '' : ` reported by ${reporter}`}`
      return { kind: 'unwanted', reason: OPT_OUT.has(feedbackType) ? 'unsubscribe' : 'complaint', note }
    }
    default:
      return event satisfies never
  }
}
