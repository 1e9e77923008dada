//
// Owns: the verdict on a failed attempt. The only place that says "permanent" (invariant I3).
// Never: when to try again (services/queue/retry.ts), or what is told to whom.
//
// The rule is: temporary until proven permanent (invariant I4). Losing mail is worse than sending it late.

import type { Blame, BounceReason } from '../../core/failure.ts'
import type { Cause, PolicyRule } from '../../core/outcome.ts'
import { formatEnhanced } from '../../core/reply.ts'
import { comparable } from './phrase.ts'
import { reasonOf } from './reason.ts'
import { receiverOf } from './receivers.ts'
import type { SaidAt } from './refusal.ts'
import { type Advice, adviceFor, remedyByRule, remedyWhenOver } from './remedy.ts'
import { mayHavePage } from './remedy-pages.ts'
import { codesIn } from './reply-codes.ts'
import { reasonOfReply } from './reply-reason.ts'

export interface Verdict {
  readonly permanent: boolean
  /** Hard: the address itself is unusable, whoever writes to it. Everything else is soft. */
  readonly hardness: 'hard' | 'soft'
  readonly reason: BounceReason
  /** RFC 3463; the peer's when it gave one, else ours. */
  readonly enhancedCode: string | null
  /** One line for people: the peer's words or what happened here. */
  readonly diagnostic: string
  /** The peer's reply code; null when no reply is the cause. */
  readonly code: number | null
  readonly blame: Blame
  /** What to do about it, for people; with the page of the receiver where it has one. */
  readonly remedy: string
}

/** A peer may write 64 KB; people and tables need a line. */
const MAX_DIAGNOSTIC_CHARACTERS = 1000

/** One failed attempt is asked about by several (its slot, the lanes, the queue, the event): a cause never changes. */
const VERDICTS = new WeakMap<Cause, Verdict>()

export function judge(cause: Cause): Verdict {
  const had = VERDICTS.get(cause)
  if (had !== undefined) return had
  const verdict = judgeAnew(cause)
  VERDICTS.set(cause, verdict)
  return verdict
}

function judgeAnew(cause: Cause): Verdict {
  switch (cause.kind) {
    case 'reply':
      return judgeReply(cause)
    case 'dns':
      return judgeDns(cause.answer)
    case 'policy':
      return withRemedy(judgePolicy(cause.rule, cause.detail), remedyByRule(cause.rule))
    // A network is never proof: it may be ours, or mended tomorrow.
    case 'network':
      return cause.at === 'tls'
        ? temporary('tls', '4.7.5', `TLS: ${cause.detail}`)
        : temporary('network', cause.at === 'connect' ? '4.4.1' : '4.4.2', cause.detail)
    // The peer may well have the message: to bounce it would be a lie, to send it again is the lesser evil (F9).
    case 'uncertain':
      return temporary('uncertain', '4.4.2', cause.detail)
    // Our own fault says nothing about the recipient (invariant I13).
    case 'internal':
      return temporary('internal', '4.3.0', cause.detail)
    default:
      return cause satisfies never
  }
}

type ReplyCause = Extract<Cause, { kind: 'reply' }>

function judgeReply(cause: ReplyCause): Verdict {
  const { reply } = cause
  const reason = reasonOfReply(cause.stage, reply)
  const permanent = isPermanentReply(cause, reason)
  const enhanced = reply.enhanced === null ? null : formatEnhanced(reply.enhanced)
  return {
    permanent,
    hardness: permanent && UNUSABLE.has(reason) ? 'hard' : 'soft',
    reason,
    enhancedCode: enhanced ?? ENHANCED_BY_CLASS[permanent ? 'permanent' : 'temporary'],
    diagnostic: oneLine(`${reply.code} ${enhanced === null ? '' : `${enhanced} `}${reply.text}`),
    code: reply.code,
    ...adviceOn(reason, { text: reply.text, remoteMta: null, permanent }),
  }
}

/** A disabled mailbox is not among them: it may be switched on again, and the suppression list counts two of them. */
const UNUSABLE: ReadonlySet<BounceReason> = new Set([
  'mailbox_unknown',
  'mailbox_moved',
  'domain_unknown',
  'domain_refuses_mail',
])

/** Reasons that time does not mend; that a domain takes no mail may be a passing fault of its DNS. */
const OF_THE_ADDRESS: ReadonlySet<BounceReason> = new Set([
  'mailbox_unknown',
  'mailbox_moved',
  'domain_unknown',
])

/** What a report of another server says of one recipient. */
export interface ReportedWords {
  /** RFC 3463, as the report gives it. */
  readonly status: string | null
  readonly words: string
  readonly saidAt: SaidAt
  readonly remoteMta: string | null
  /** The reporting server is still trying. */
  readonly temporary: boolean
}

export function judgeWords(told: ReportedWords): Verdict {
  const { code, enhanced } = codesIn(told.words, told.status)
  const reason = reasonOf({
    code,
    detail: enhanced === null || enhanced.endsWith('.0.0') ? null : enhanced.slice(2),
    text: told.words,
    saidAt: told.saidAt,
    temporary: told.temporary || (enhanced ?? '5').startsWith('4'),
    remoteMta: told.remoteMta,
  })
  // Given up is final whatever the last code was (RFC 3464 §2.3.3) where the words speak of the address itself.
  const permanent =
    !told.temporary &&
    (OF_THE_ADDRESS.has(reason) || isPermanentReport({ code, status: told.status, enhanced }))
  return {
    permanent,
    hardness: permanent && UNUSABLE.has(reason) ? 'hard' : 'soft',
    reason,
    enhancedCode: enhanced ?? told.status ?? ENHANCED_BY_CLASS[permanent ? 'permanent' : 'temporary'],
    diagnostic: oneLine(told.words),
    code,
    ...adviceOn(reason, { text: told.words, remoteMta: told.remoteMta, permanent }),
  }
}

interface Said {
  readonly text: string
  readonly remoteMta: string | null
  readonly permanent: boolean
}

function adviceOn(reason: BounceReason, { text, remoteMta, permanent }: Said): Advice {
  const over = permanent ? remedyWhenOver(reason) : null
  if (over !== null) return { ...adviceFor(reason, null), remedy: over }
  if (!mayHavePage(reason)) return adviceFor(reason, null)
  const words = comparable(text)
  return adviceFor(reason, receiverOf({ words, remoteMta }), words)
}

function isPermanentReport(told: {
  readonly code: number | null
  readonly status: string | null
  readonly enhanced: string | null
}): boolean {
  if (told.code !== null) return told.code >= 500
  return !(told.enhanced ?? told.status ?? '5').startsWith('4')
}

/** A peer without enhanced codes still gets one in our reports (RFC 3464 §2.3.4 demands it). */
const ENHANCED_BY_CLASS = { permanent: '5.0.0', temporary: '4.0.0' } as const

function isPermanentReply({ stage, reply }: ReplyCause, reason: BounceReason): boolean {
  if (reply.code < 500 || reply.code > 599) return false
  switch (stage) {
    // Before MAIL a 5yz speaks of our host, not of this recipient: another MX or another day may think better of us.
    case 'GREETING':
    case 'EHLO':
    case 'STARTTLS':
      return false
    case 'RCPT':
      // RFC 5321 §4.5.3.1.10: old hosts say 552 for "too many recipients" and mean 452.
      // One that spells an enhanced code means what it says (5.2.2 a full mailbox, 5.3.4 a size).
      return !(reply.code === 552 && reply.enhanced === null && !OF_THE_ADDRESS.has(reason))
    case 'MAIL':
    case 'DATA':
    case 'BODY':
      return true
    default:
      return stage satisfies never
  }
}

function judgeDns(answer: Extract<Cause, { kind: 'dns' }>['answer']): Verdict {
  switch (answer) {
    case 'nxdomain':
      return hard('domain_unknown', '5.1.2', 'the domain does not exist')
    case 'no-address':
      return hard('domain_unknown', '5.1.2', 'the domain has neither MX nor address')
    // RFC 7505 §3: the domain says itself that it takes no mail.
    case 'null-mx':
      return hard('domain_refuses_mail', '5.1.10', 'the domain accepts no mail (null MX)')
    // Not the address but the way is wrong: its owner can mend it, so it is not hard.
    case 'own-address':
      return soft('routing', '5.4.6', 'mail for the domain loops back to this host')
    case 'private-address':
      return soft('routing', '5.4.4', 'the domain points to a private or loopback address')
    // The policy of the domain names other hosts than its MX records do (RFC 8461 §5.1): either may be mended tomorrow.
    case 'sts-no-match':
      return temporary('tls', '4.7.5', 'no MX host is allowed by the MTA-STS policy of the domain')
    case 'dnssec-bogus':
      return temporary('dns', '4.7.5', 'the DNSSEC signatures of the domain cannot be validated')
    case 'servfail':
      return temporary('dns', '4.4.3', 'the domain name system failed to answer')
    case 'timeout':
      return temporary('dns', '4.4.3', 'the domain name system did not answer in time')
    default:
      return answer satisfies never
  }
}

function judgePolicy(rule: PolicyRule, detail: string): Verdict {
  switch (rule) {
    case 'suppressed':
      return soft('suppressed', '5.7.1', detail)
    case 'cancelled':
      return soft('cancelled', '5.7.1', detail)
    case 'expired':
      return soft('expired', '5.4.7', detail)
    // RFC 6531 §3.5 gives the code.
    case 'smtputf8-required':
      return soft('content', '5.6.7', detail)
    case 'too-large':
      return soft('too_large', '5.3.4', detail)
    // What is damaged does not heal; the operator is told, the peer was never asked.
    case 'content-damaged':
      return soft('internal', '5.3.0', detail)
    // A certificate is renewed, a policy corrected: wait (RFC 8461 §5.1, RFC 7672 §2.2).
    // RFC 8689 §4.2.1: another hop may learn it, and the sender wanted it so.
    case 'requiretls-unsupported':
      return soft('tls', '5.7.30', detail)
    case 'tls-required':
      return temporary('tls', '4.7.10', detail)
    // The relay is ours to mend: its mail waits meanwhile (invariant I13).
    case 'relay-auth':
      return temporary('authentication', '4.7.8', detail)
    default:
      return rule satisfies never
  }
}

const withRemedy = (verdict: Verdict, remedy: string | null): Verdict =>
  remedy === null ? verdict : { ...verdict, remedy }

type Local = (reason: BounceReason, enhancedCode: string, detail: string) => Verdict

const hard: Local = (reason, enhancedCode, detail) => local(true, 'hard', { reason, enhancedCode, detail })
const soft: Local = (reason, enhancedCode, detail) => local(true, 'soft', { reason, enhancedCode, detail })
const temporary: Local = (reason, enhancedCode, detail) =>
  local(false, 'soft', { reason, enhancedCode, detail })

const local = (
  permanent: boolean,
  hardness: Verdict['hardness'],
  { reason, enhancedCode, detail }: { reason: BounceReason; enhancedCode: string; detail: string },
): Verdict => ({
  permanent,
  hardness,
  reason,
  enhancedCode,
  diagnostic: oneLine(detail),
  code: null,
  ...adviceFor(reason, null),
})

/** A peer's words go to logs, tables and pages: no line breaks or control characters (T25). */
function oneLine(text: string): string {
  return text
    .slice(0, MAX_DIAGNOSTIC_CHARACTERS)
    .replace(/[^\P{C}]+/gu, ' ')
    .trim()
}
