//
// Owns: whose fault a failure is, and what to do about it, in words for people who run a mail server. Where a
// receiver has a page for it, the words lead there.

import type { Blame, BounceReason } from '../../core/failure.ts'
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
      'The mailbox is full and the recipient has to make room. If it stays full for weeks, nobody reads it.',
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
      'The host that the domain’s MX records name does not serve the domain. Tell the recipient’s administrator another way.',
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
      'The receiver does not take this content: a kind of attachment, a character set, a header that is too long.',
  },
  policy: {
    blame: 'receiver',
    remedy: 'A rule of the receiver forbids it. Ask its postmaster, with the words of the reply.',
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
      'The receiver wants a login or a right that we do not have. Ask its postmaster, with the words of the reply.',
  },
  tls: {
    blame: 'receiver',
    remedy:
      'No connection could be encrypted as the policies demand. Tell the receiver’s postmaster; its certificate, MTA-STS policy or TLSA record is wrong.',
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
    remedy: 'The domain’s MX records lead nowhere useful. Tell the recipient’s administrator another way.',
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
    remedy: 'The receiver’s delivery program failed. Tell its postmaster if it goes on.',
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
  cancelled: { blame: 'sender-config', remedy: 'It was cancelled here, by its sender or the operator.' },
  expired: {
    blame: 'receiver',
    remedy: 'It could not be delivered in the time allowed. The attempts say what stood in the way.',
  },
  internal: { blame: 'network', remedy: 'A fault of this server, not of the recipient: see its log.' },
  other: {
    blame: 'receiver',
    remedy: 'The reply does not say why. Ask the receiver’s postmaster, with the words it gave.',
  },
}

export const REASONS = Object.keys(ADVICE) as readonly BounceReason[]

/** The words are the peer's, in the form of comparable(); the receiver is who wrote them, when it is known. */
export function adviceFor(reason: BounceReason, receiver: ReceiverName | null, words = ''): Advice {
  const advice = ADVICE[reason]
  const page = pageFor(reason, receiver, words)
  return page === null ? advice : { ...advice, remedy: `${advice.remedy} ${page}` }
}
