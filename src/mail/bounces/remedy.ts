//
// Owns: whose fault a failure is, and what to do about it, in words for people.

import type { Blame, BounceReason } from '../../core/failure.ts'
import type { ReceiverName } from './receiver.ts'

interface Advice {
  readonly blame: Blame
  readonly remedy: string
}

const ADVICE: Readonly<Record<BounceReason, Advice>> = {
  mailbox_unknown: { blame: 'recipient', remedy: 'The address does not exist: take it off your list.' },
  mailbox_moved: { blame: 'recipient', remedy: 'The address moved: ask the recipient for the new one.' },
  mailbox_full: { blame: 'recipient', remedy: 'The mailbox is full: the recipient has to make room.' },
  mailbox_disabled: {
    blame: 'recipient',
    remedy: 'The mailbox is switched off: reach the recipient another way.',
  },
  recipient_refused: {
    blame: 'recipient',
    remedy: 'The recipient’s own filter refused it: ask them to let you in.',
  },
  domain_unknown: { blame: 'recipient', remedy: 'The domain does not exist: correct the address.' },
  domain_refuses_mail: {
    blame: 'recipient',
    remedy: 'The domain takes no mail at all: take the address off your list.',
  },
  blocked: { blame: 'reputation', remedy: 'The receiver blocks our address: look at its delisting page.' },
  reputation: { blame: 'reputation', remedy: 'Send less and only to people who want it until it recovers.' },
  ptr_missing: {
    blame: 'sender-config',
    remedy: 'Set the PTR record of the sending address to its host name.',
  },
  authentication: {
    blame: 'sender-config',
    remedy: 'Publish the SPF, DKIM and DMARC records of the domain.',
  },
  sender_refused: { blame: 'sender-config', remedy: 'The receiver refuses the sender’s address or domain.' },
  relay_denied: {
    blame: 'receiver',
    remedy: 'The receiver does not serve this domain: its MX may be wrong.',
  },
  rate_limited: { blame: 'reputation', remedy: 'Nothing: MailWok sends slower by itself.' },
  too_many_connections: {
    blame: 'reputation',
    remedy: 'Nothing: MailWok opens fewer connections by itself.',
  },
  greylisted: { blame: 'receiver', remedy: 'Nothing: greylisting passes with the next try.' },
  spam: { blame: 'content', remedy: 'The receiver takes it for spam: change the content, check the list.' },
  virus: { blame: 'content', remedy: 'The receiver found malware: check the attachments.' },
  content: { blame: 'content', remedy: 'The receiver does not take this content.' },
  policy: { blame: 'receiver', remedy: 'A rule of the receiver forbids it: ask its postmaster.' },
  too_large: { blame: 'content', remedy: 'Send a smaller message.' },
  not_compliant: { blame: 'content', remedy: 'Mend the header or the format of the message.' },
  syntax: { blame: 'receiver', remedy: 'The receiver did not understand us: report it with the transcript.' },
  security: { blame: 'receiver', remedy: 'A security rule of the receiver forbids it: ask its postmaster.' },
  tls: { blame: 'receiver', remedy: 'The receiver’s certificate or TLS is broken: tell its postmaster.' },
  network: { blame: 'network', remedy: 'Nothing: it is tried again.' },
  dns: { blame: 'network', remedy: 'Nothing yet: it is tried again. Else check the name servers.' },
  routing: { blame: 'receiver', remedy: 'The domain’s MX records are wrong: tell its postmaster.' },
  system: { blame: 'receiver', remedy: 'Nothing: the receiver has trouble, it is tried again.' },
  system_full: { blame: 'receiver', remedy: 'Nothing: the receiver’s disk is full, it is tried again.' },
  mailer: { blame: 'receiver', remedy: 'The receiver’s delivery program failed: tell its postmaster.' },
  on_hold: { blame: 'receiver', remedy: 'Nothing yet: the receiver has put it on hold.' },
  uncertain: { blame: 'network', remedy: 'Nothing: it may have arrived and is tried again.' },
  suppressed: { blame: 'recipient', remedy: '`mailwok suppression show` says why nobody may write there.' },
  cancelled: { blame: 'sender-config', remedy: 'It was cancelled here.' },
  expired: { blame: 'receiver', remedy: 'It could not be delivered in the time allowed; see its attempts.' },
  internal: { blame: 'network', remedy: 'A fault of this server: see its log.' },
  other: { blame: 'receiver', remedy: 'Ask the receiver’s postmaster with the words it gave.' },
}

export const adviceFor = (reason: BounceReason, _receiver: ReceiverName | null): Advice => ADVICE[reason]
