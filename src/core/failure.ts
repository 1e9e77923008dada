//
// Owns: the words for why a recipient did not get a message, and whose fault it is.

/** A closed list: webhooks, statistics and suppressions go by it. docs/bounces.md says what each means. */
export type BounceReason =
  // The address.
  | 'mailbox_unknown'
  | 'mailbox_moved'
  | 'mailbox_full'
  | 'mailbox_disabled'
  /** The recipient's own rules or filter said no. */
  | 'recipient_refused'
  | 'domain_unknown'
  | 'domain_refuses_mail'
  // How we look.
  | 'blocked'
  | 'reputation'
  | 'ptr_missing'
  | 'authentication'
  /** The envelope sender or its domain was refused. */
  | 'sender_refused'
  | 'relay_denied'
  | 'rate_limited'
  | 'too_many_connections'
  | 'greylisted'
  // What we sent.
  | 'spam'
  | 'virus'
  | 'content'
  | 'policy'
  | 'too_large'
  /** It breaks RFC 5321 or 5322 in the receiver's eyes. */
  | 'not_compliant'
  /** The receiver did not understand a command. */
  | 'syntax'
  | 'security'
  // The way there.
  | 'tls'
  | 'network'
  | 'dns'
  | 'routing'
  // The receiver's machine.
  | 'system'
  | 'system_full'
  | 'mailer'
  | 'on_hold'
  // Here.
  | 'uncertain'
  | 'suppressed'
  | 'cancelled'
  | 'expired'
  | 'internal'
  | 'other'

/** Who has to act so that the next message gets through. */
export type Blame = 'recipient' | 'content' | 'reputation' | 'sender-config' | 'receiver' | 'network'
