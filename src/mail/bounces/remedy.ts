//
// Owns: whose fault a failure is, and what to do about it, in words for people who run a mail server. Where a
// receiver has a page for it, the words lead there.

import type { Blame, BounceReason } from '../../core/failure.ts'
import type { PolicyRule } from '../../core/outcome.ts'
import type { ReceiverName } from './receiver.ts'
import { pageFor } from './remedy-pages.ts'

export interface Advice {
  readonly blame: Blame
  readonly remedy: string
}

const ADVICE: Readonly<Record<BounceReason, Advice>> = {
  mailbox_unknown: {
    blame: 'recipient',
    remedy: 'The address does not exist. Take it off your list, or correct it if it was mistyped.',
  },
  mailbox_moved: {
    blame: 'recipient',
    remedy: 'The address moved. Ask the recipient for the new one and take the old one off your list.',
  },
  mailbox_full: {
    blame: 'recipient',
    remedy:
      'Tell the recipient another way that the mailbox is full. If it stays full for weeks, nobody reads it.',
  },
  mailbox_disabled: {
    blame: 'recipient',
    remedy: 'The mailbox is switched off, perhaps for good. Reach the recipient another way.',
  },
  recipient_refused: {
    blame: 'recipient',
    remedy: 'The recipient’s own filter or settings refused it. Ask the recipient to let your address in.',
  },
  domain_unknown: {
    blame: 'recipient',
    remedy: 'The domain does not exist. Correct the address; if it is right, the domain has been given up.',
  },
  domain_refuses_mail: {
    blame: 'recipient',
    remedy: 'The domain says that it takes no mail at all. Take the address off your list.',
  },
  blocked: {
    blame: 'reputation',
    remedy:
      'The receiver blocks the sending IP address. Find the list it names, remove the cause, then ask for delisting.',
  },
  reputation: {
    blame: 'reputation',
    remedy:
      'The sending address or domain has a bad name there. Send less, only to people who asked for it, and stop mail that draws complaints.',
  },
  ptr_missing: {
    blame: 'sender-config',
    remedy:
      'Have the owner of the sending IP address set its PTR record to a host name whose A or AAAA record leads back to that address.',
  },
  authentication: {
    blame: 'sender-config',
    remedy:
      'SPF, DKIM or DMARC did not pass. `mailwok domain verify` looks up the records that the sending domain needs and says which are missing.',
  },
  sender_refused: {
    blame: 'sender-config',
    remedy:
      'The receiver refuses the sender’s address or domain. See that it exists, has MX or address records, and may write to this recipient or group.',
  },
  relay_denied: {
    blame: 'receiver',
    remedy:
      'Tell the recipient’s administrator another way that the host in the domain’s MX records does not serve the domain.',
  },
  rate_limited: {
    blame: 'reputation',
    remedy: 'Nothing to do: MailWok sends slower to this receiver by itself and tries again.',
  },
  too_many_connections: {
    blame: 'reputation',
    remedy: 'Nothing to do: MailWok opens fewer connections to this receiver by itself and tries again.',
  },
  greylisted: {
    blame: 'receiver',
    remedy: 'Nothing to do: the receiver lets unknown senders wait, and the next try passes.',
  },
  spam: {
    blame: 'content',
    remedy:
      'The receiver takes this message for spam. Look at its links and wording, at who is on the list, and at the complaints of the last days.',
  },
  virus: {
    blame: 'content',
    remedy:
      'The receiver found malware or a phishing link. Check attachments and links before you send it again.',
  },
  content: {
    blame: 'content',
    remedy:
      'Change what the reply names and send it again: a kind of attachment, a character set, a header that is too long.',
  },
  policy: {
    blame: 'receiver',
    remedy: 'Ask the receiver’s postmaster, with the words of the reply: a rule there forbids it.',
  },
  too_large: {
    blame: 'content',
    remedy: 'The message is too large for the receiver. Send a link in place of the attachment.',
  },
  not_compliant: {
    blame: 'content',
    remedy:
      'The message breaks RFC 5322 in the receiver’s eyes: see that From, Date and Message-ID stand there once and lines are short.',
  },
  syntax: {
    blame: 'receiver',
    remedy:
      'The receiver did not understand a command or address. See the transcript; if the address is right, report it to the receiver’s postmaster.',
  },
  security: {
    blame: 'receiver',
    remedy:
      'Ask the receiver’s postmaster, with the words of the reply: it wants a login or a right that we do not have.',
  },
  tls: {
    blame: 'receiver',
    remedy:
      'See with `mailwok tls show` who demands encryption: loosen your own [[tls_policy]], or tell the receiver’s postmaster that STARTTLS, certificate, MTA-STS policy or TLSA record is wrong there.',
  },
  network: {
    blame: 'network',
    remedy:
      'Nothing to do yet: the way there is broken, or mail runs in a circle behind it. It is tried again.',
  },
  dns: {
    blame: 'network',
    remedy:
      'Nothing to do yet: the name servers did not answer. If it goes on, check the resolver of this machine.',
  },
  routing: {
    blame: 'receiver',
    remedy: 'Tell the recipient’s administrator another way that the MX records lead nowhere useful.',
  },
  system: {
    blame: 'receiver',
    remedy: 'Nothing to do yet: the receiver’s server has trouble. It is tried again.',
  },
  system_full: {
    blame: 'receiver',
    remedy: 'Nothing to do yet: the receiver’s disk is full. It is tried again.',
  },
  mailer: {
    blame: 'receiver',
    remedy: 'Tell the receiver’s postmaster if it goes on: its delivery program failed.',
  },
  on_hold: {
    blame: 'receiver',
    remedy: 'Nothing to do yet: the receiver keeps it back until somebody there decides.',
  },
  uncertain: {
    blame: 'network',
    remedy: 'Nothing to do: the connection broke before the answer. It may have arrived, and is tried again.',
  },
  suppressed: {
    blame: 'recipient',
    remedy: 'The address is on the suppression list: `mailwok suppression show` says since when and why.',
  },
  cancelled: {
    blame: 'sender-config',
    remedy: 'Nothing to do: it was cancelled here, by its sender or the operator.',
  },
  expired: {
    blame: 'receiver',
    remedy: 'Mend what stood in the way, as the attempts tell it, and send it again.',
  },
  internal: {
    blame: 'network',
    remedy: 'Look at the log of this server: the fault is here, not at the recipient.',
  },
  other: {
    blame: 'receiver',
    remedy: 'Ask the receiver’s postmaster, with the words of the reply: it does not say why.',
  },
}

export const REASONS = Object.keys(ADVICE) as readonly BounceReason[]

/**
 * What to do once it is not tried any more, for reasons whose remedy says to wait. Nobody else tells an operator that
 * sending it again is up to them.
 */
const WHEN_OVER: Partial<Readonly<Record<BounceReason, string>>> = {
  rate_limited:
    'Send it again later: it was too much mail in too little time. MailWok sends slower to this receiver now.',
  too_many_connections:
    'Send it again later: there were too many connections. MailWok opens fewer to this receiver now.',
  greylisted: 'Ask the receiver’s postmaster, with the words of the reply: it let this message never pass.',
  network:
    'Find out whether the receiver’s server can be reached at all, then send it again: the way there was broken, or mail runs in a circle behind it.',
  dns: 'Look the domain up yourself, then send it again: name servers did not answer. If others do not either, check the resolver of this machine.',
  system: 'Send it again later, or tell the receiver’s postmaster that its server has trouble.',
  system_full: 'Send it again later, or tell the receiver’s postmaster that its disk is full.',
  on_hold: 'Ask the receiver’s postmaster, who kept it back.',
  uncertain:
    'Ask the recipient before you send it again: it may have arrived, for each connection broke before the answer.',
}

/** What we refuse ourselves has its own remedies: the reason is shared with replies that mean something else. */
const BY_RULE: Partial<Readonly<Record<PolicyRule, string>>> = {
  'smtputf8-required':
    'Send to an address in plain ASCII: the receiver takes no addresses beyond it (SMTPUTF8).',
  'requiretls-unsupported':
    'Send it without REQUIRETLS, or ask the receiver’s postmaster to offer it: no host there promises it.',
  'relay-auth': 'Mend username and password of the [[relay]] in the configuration: it refuses them.',
}

export const remedyByRule = (rule: PolicyRule): string | null => BY_RULE[rule] ?? null

/** The remedy of a failure that is final; null where the usual one is right. */
export const remedyWhenOver = (reason: BounceReason): string | null => WHEN_OVER[reason] ?? null

/** The words are the peer's, in the form of comparable(); the receiver is who wrote them, when it is known. */
export function adviceFor(reason: BounceReason, receiver: ReceiverName | null, words = ''): Advice {
  const advice = ADVICE[reason]
  const page = pageFor(reason, receiver, words)
  return page === null ? advice : { ...advice, remedy: `${advice.remedy} ${page}` }
}
