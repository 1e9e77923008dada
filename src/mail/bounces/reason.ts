//
// Owns: what a refusal is about: words, codes and where they were said → a reason. One way, for replies in session
// and for reports alike. Linear in its input (T15).
// Never: whether it is permanent; that is classify.ts.

import type { BounceReason } from '../../core/failure.ts'
import { believed } from './believed.ts'
import { comparable, matchesAny, type Phrase, PhraseTable } from './phrase.ts'
import { BLOCK_LISTS, BLOCKED, BLOCKED_SOMEHOW, REPUTATION, REPUTATION_SOMEHOW } from './phrases-blocked.ts'
import {
  CONTENT,
  CONTENT_SURELY,
  NOT_COMPLIANT,
  POLICY,
  POLICY_SURELY,
  TOO_LARGE,
} from './phrases-content.ts'
import { DISABLED_ABROAD, FULL_ABROAD, SPAM_ABROAD } from './phrases-foreign.ts'
import { UNKNOWN_ABROAD } from './phrases-foreign-unknown.ts'
import { EXPIRED_AT_LAST, SYSTEM_AT_LAST } from './phrases-last.ts'
import { MAILBOX_DISABLED, MAILBOX_FULL, MAILBOX_FULL_PERHAPS, MAILBOX_MOVED } from './phrases-mailbox.ts'
import { ON_HOLD, SECURITY, SUPPRESSED, SYNTAX, TLS } from './phrases-protocol.ts'
import {
  GREYLISTED,
  GREYLISTED_PERHAPS,
  RATE_LIMITED,
  RATE_QUOTA,
  TOO_MANY_CONNECTIONS,
} from './phrases-rate.ts'
import {
  DOMAIN_REFUSES_MAIL,
  DOMAIN_UNKNOWN,
  DOMAIN_UNKNOWN_SURELY,
  RECIPIENT_REFUSED,
  RECIPIENT_REFUSED_SOMEHOW,
  RECIPIENT_REFUSED_SURELY,
  REFUSES_MAIL_OF_SOME,
} from './phrases-recipient.ts'
import {
  AUTHENTICATION,
  PTR_MISSING,
  RELAY_DENIED,
  SENDER_REFUSED,
  SENDER_REFUSED_SURELY,
} from './phrases-sender.ts'
import { SPAM, SPAM_SURELY, VIRUS } from './phrases-spam.ts'
import { MAILBOX_UNKNOWN, MAILBOX_UNKNOWN_SURELY } from './phrases-unknown.ts'
import {
  EXPIRED,
  MAILER,
  NETWORK,
  NETWORK_SURELY,
  SYSTEM,
  SYSTEM_FULL,
  SYSTEM_SURELY,
} from './phrases-way.ts'
import { BY_DETAIL, BY_SUBJECT, byCode, DECISIVE } from './reason-by-code.ts'
import { reasonByGist } from './reason-by-gist.ts'
import { reasonByReceiver } from './receivers.ts'
import type { Refusal } from './refusal.ts'

export function reasonOf(refusal: Refusal): BounceReason {
  const words = comparable(refusal.text)
  return believed(toldBy(words, refusal), words, refusal)
}

function toldBy(words: string, refusal: Refusal): BounceReason {
  // Local delivery of Postfix, with nobody's reply to quote.
  if (refusal.code === null && words === 'temporary failure') return 'mailer'
  const detail = refusal.detail ?? ''
  const plain = withoutOrnament(words)
  const { saidAt: stage, temporary, remoteMta } = refusal
  return (
    reasonByReceiver({ words, detail, stage, temporary, remoteMta }) ??
    byQuota(words, refusal) ??
    DECISIVE[detail] ??
    byWords(plain, refusal) ??
    atLast(plain, refusal) ??
    (VAGUE.has(detail) ? byGist(plain, refusal) : null) ??
    BY_DETAIL[detail] ??
    byGist(plain, refusal) ??
    byWords(words, refusal) ??
    // "Recipient address rejected:" is how Postfix begins; under x.7.y a rule follows that no word explained.
    ((!/^[3467]\./.test(detail) || SAYS_NO_MORE.test(words)) && matchesAny(words, RECIPIENT_REFUSED_SOMEHOW)
      ? 'recipient_refused'
      : null) ??
    bySaidAt(refusal) ??
    BY_SUBJECT[detail.split('.', 1)[0] ?? ''] ??
    byCode(refusal.code)
  )
}

/** A page's host may be a block list; its path tells what the page is about, which is more than this reply. MAIL's SIZE= is quoted. */
const withoutOrnament = (words: string): string =>
  words.replace(/(https?:\/\/[^\s/]{1,255})\/\S{0,2000}/g, '$1').replace(/\bsize=\d{1,20}/g, '')

/** Details that say "other" (RFC 3463), or that servers give to whatever they do not like. */
const VAGUE: ReadonlySet<string> = new Set([
  '2.0',
  '2.1',
  '3.0',
  '3.1',
  '3.2',
  '4.0',
  '4.1',
  '5.0',
  '5.1',
  '6.0',
])

const SAYS_NO_MORE = /(?:reject|refus)ed[^a-z]*$/

/** Words whose meaning does not hang on where they are said. The first list with a match decides. */
const BEFORE_THE_ADDRESS = new PhraseTable<BounceReason>([
  [NETWORK_SURELY, 'network'],
  [SUPPRESSED, 'suppressed'],
  [RATE_QUOTA, 'rate_limited'],
  [MAILBOX_FULL, 'mailbox_full'],
  [FULL_ABROAD, 'mailbox_full'],
  [TOO_LARGE, 'too_large'],
  [VIRUS, 'virus'],
  [MAILBOX_MOVED, 'mailbox_moved'],
  [RELAY_DENIED, 'relay_denied'],
  [SENDER_REFUSED_SURELY, 'sender_refused'],
  [PTR_MISSING, 'ptr_missing'],
  [AUTHENTICATION, 'authentication'],
  [RECIPIENT_REFUSED_SURELY, 'recipient_refused'],
  [REFUSES_MAIL_OF_SOME, 'blocked'],
  [DOMAIN_REFUSES_MAIL, 'domain_refuses_mail'],
  [GREYLISTED, 'greylisted'],
  [TOO_MANY_CONNECTIONS, 'too_many_connections'],
  [RATE_LIMITED, 'rate_limited'],
  [SYSTEM_FULL, 'system_full'],
  [NOT_COMPLIANT, 'not_compliant'],
  [MAILBOX_DISABLED, 'mailbox_disabled'],
  [DISABLED_ABROAD, 'mailbox_disabled'],
])

const AFTER: readonly (readonly [readonly Phrase[], BounceReason])[] = [
  [CONTENT_SURELY, 'content'],
  [DOMAIN_UNKNOWN_SURELY, 'domain_unknown'],
  [BLOCK_LISTS, 'blocked'],
  [SPAM_SURELY, 'spam'],
  [REPUTATION, 'reputation'],
  [POLICY_SURELY, 'policy'],
  [BLOCKED, 'blocked'],
  [SPAM, 'spam'],
  [SPAM_ABROAD, 'spam'],
  [POLICY, 'policy'],
  [BLOCKED_SOMEHOW, 'blocked'],
  [REPUTATION_SOMEHOW, 'reputation'],
  [RECIPIENT_REFUSED, 'recipient_refused'],
  [SENDER_REFUSED, 'sender_refused'],
  [DOMAIN_UNKNOWN, 'domain_unknown'],
  [CONTENT, 'content'],
  [MAILBOX_FULL_PERHAPS, 'mailbox_full'],
  [SYSTEM_SURELY, 'system'],
  [SECURITY, 'security'],
  [TLS, 'tls'],
  [SYNTAX, 'syntax'],
  [MAILER, 'mailer'],
  [ON_HOLD, 'on_hold'],
  [EXPIRED, 'expired'],
  [NETWORK, 'network'],
  [SYSTEM, 'system'],
]

/** The first of them say whom the refusal is about; the rest is trouble of the receiver or on the way. */
const ABOUT_US = new PhraseTable(AFTER.slice(0, 16))
const AFTER_THE_ADDRESS = new PhraseTable(AFTER)

const UNKNOWN_SURELY = new PhraseTable([[MAILBOX_UNKNOWN_SURELY, true]])
const UNKNOWN = new PhraseTable([
  [MAILBOX_UNKNOWN, true],
  [UNKNOWN_ABROAD, true],
])

/** A full mailbox and a rate have quotas alike, and a grey list may answer with the code of either. */
function byQuota(words: string, { temporary }: Refusal): BounceReason | null {
  if (temporary && GREYLISTS.first(words) !== null) return 'greylisted'
  return words.includes('quota') && OF_MESSAGES_SENT.test(words) ? 'rate_limited' : null
}

const GREYLISTS = new PhraseTable([[GREYLISTED, true]])
const OF_MESSAGES_SENT =
  /\bmessage count\b|\byou (?:have )?sent\b|\bsending\b|\boutgoing\b|\bhourly\b|\bper (?:hour|day)\b|\bthis hour\b/

function byWords(words: string, refusal: Refusal): BounceReason | null {
  return (
    BEFORE_THE_ADDRESS.first(words) ??
    byTiming(words, refusal) ??
    byAddressWords(words, refusal) ??
    ABOUT_US.first(words) ??
    mailboxState(words) ??
    AFTER_THE_ADDRESS.first(words)
  )
}

const AT_LAST = new PhraseTable<BounceReason>([
  [SYSTEM_AT_LAST, 'system'],
  [EXPIRED_AT_LAST, 'expired'],
])

function atLast(words: string, refusal: Refusal): BounceReason | null {
  const last = AT_LAST.first(words)
  return last === null ? null : (byGist(words, refusal) ?? last)
}

/** How Postfix begins; why follows. */
const BEGINNINGS = /\b(?:recipient|sender) address rejected: (?=[a-z])/g

function byGist(words: string, { saidAt, code }: Refusal): BounceReason | null {
  const gist = reasonByGist(words.replace(BEGINNINGS, ''))
  if (gist !== 'unknown') return gist
  // RFC 5321 §4.2.3: 500 to 504 find fault with the command, 501 with how the address is written.
  if (code !== null && code >= 500 && code <= 504) return 'syntax'
  return saidAt === 'rcpt' ? 'mailbox_unknown' : 'recipient_refused'
}

/** Beside x.1.1 too: a mailbox that is full or shut is there. */
function mailboxState(words: string): BounceReason | null {
  const gist = reasonByGist(words)
  return gist === 'mailbox_full' || gist === 'mailbox_disabled' ? gist : null
}

function byTiming(words: string, { code }: Refusal): BounceReason | null {
  return (code === 450 || code === 451) && matchesAny(words, GREYLISTED_PERHAPS) ? 'greylisted' : null
}

/**
 * "User unknown" is proof when it answers RCPT or carries a code of the address (x.1.y). Said of the sender it is a
 * refused sender. After the content, or when nobody knows where it was said, it is a filter that hides behind these
 * words (mobile carriers do) as often as the truth: the recipient's side said no, and that is all we know.
 */
function byAddressWords(words: string, { detail, saidAt }: Refusal): BounceReason | null {
  if (detail === '1.7' || detail === '1.8') return 'sender_refused'
  if (UNKNOWN_SURELY.first(words) !== null && saidAt !== 'mail') return 'mailbox_unknown'
  // x.1.0 is any trouble with any address: it needs words that speak of the recipient's.
  if (detail === '1.0' && matchesAny(words, RECIPIENT_REFUSED_SOMEHOW)) {
    return ABOUT_US.first(words) ?? 'mailbox_unknown'
  }
  if (UNKNOWN.first(words) === null) return null
  if (detail === '1.2' && NAMES_A_SYSTEM.test(words)) return 'domain_unknown'
  // x.2.1 knows the mailbox: it is switched off, unless the words deny that it exists.
  if (detail === '2.1' && words.includes('available') && !DENIES.test(words)) return 'mailbox_disabled'
  if (detail !== null && OF_THE_ADDRESS.has(detail)) return 'mailbox_unknown'
  if (ABOUT_US.first(words) !== null) return null
  if (saidAt === 'mail') return 'sender_refused'
  if (saidAt === 'connect') return null
  return saidAt === 'rcpt' ? 'mailbox_unknown' : 'recipient_refused'
}

const NAMES_A_SYSTEM = /\bdomain|\bhost|\bsystem/

const DENIES = /unknown|no such|exist|found|invalid/

const OF_THE_ADDRESS: ReadonlySet<string> = new Set(['1.0', '1.1', '1.3', '1.4', '1.5'])

const OF_COMMANDS: ReadonlySet<number> = new Set([500, 502, 503, 504, 530, 535])

/** Nothing was understood: where it was said still tells whom it concerns. */
function bySaidAt({ saidAt, code }: Refusal): BounceReason | null {
  // 503 and its like are about commands, whichever is answered.
  if (code === null || code < 500 || OF_COMMANDS.has(code)) return null
  switch (saidAt) {
    case 'connect':
      return 'blocked'
    case 'mail':
      return 'sender_refused'
    case 'rcpt':
    case 'data':
    case 'unknown':
      return null
    default:
      return saidAt satisfies never
  }
}
