//
// Owns: the words for why a recipient did not get a message.

/** A closed list: webhooks and statistics count by it. */
export type BounceReason =
  | 'mailbox_unknown'
  | 'mailbox_full'
  | 'mailbox_disabled'
  | 'domain_unknown'
  | 'domain_refuses_mail'
  | 'policy'
  | 'spam'
  | 'authentication'
  | 'rate_limited'
  | 'too_large'
  | 'content'
  | 'routing'
  | 'system'
  | 'dns'
  | 'network'
  | 'tls'
  | 'uncertain'
  | 'suppressed'
  | 'cancelled'
  | 'expired'
  | 'internal'
  | 'other'
