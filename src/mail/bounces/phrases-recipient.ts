//
// Owns: how servers word that a recipient, or a whole domain, takes no mail from us or from anybody. One phrase a line, lower-case; `*` is anything
// between.

import { phrases } from './phrase.ts'

/** The recipient's own rules, or a filter before the mailbox. */
export const RECIPIENT_REFUSED = phrases(`
  due to recipient preferences
  recipient's preferences
  message filtered
  filtered by recipient
  recipient has blocked
  recipient has chosen
  recipient does not accept
  recipient doesn't accept
  recipient only accepts
  recipient is only accepting
  because the recipient is only accepting mail from specific
  because the recipient is not accepting
  not accepting mail from
  is not accepting any mail
  does not wish to receive
  don't want to receive
  sender is on the recipient's block
  sender blocked by recipient
  blocked by recipient
  rejected by recipient
  user reject
  user has rejected
  user refuses
  user only accepts
  on the recipient's blocked senders list
  sender is not on * whitelist
  sender not on whitelist
  you are not allowed to send to this recipient
  you have been blocked by the recipient
  refused by recipient
  restricted recipient
  recipient access restricted
  resolver.rst
  not authenticated to send to
  rejected by user filter
  denied by recipient
  blocked sender
  sieve reject
  recipient address rejected: access denied
`)

/** It names the recipient as who refuses: "does not accept mail from you" beside it is then no block of ours. */
export const RECIPIENT_REFUSED_SURELY = phrases(`
  recipient does not accept mail from
  recipient doesn't accept mail from
  recipient does not want
  recipient doesn't want
  recipient rejects
  recipient is only accepting
  recipient is not accepting
  recipient does not accept message
  recipient only
  outside the organi
  outside of the organi
  recipient has restricted
  user does not accept mail from
  user only accepts
  user rejects
  does not wish to receive
  don't wish to receive
  does not want to receive
  don't want to receive
  sieve
  user's filter
  user's * filter
  recipient's filter
  recipient's * filter
  personal filter
  personal block
  personal black
  user filter
  user rules
  this account is protected by
  refuse to receive mail
  blocked by recipient
  blocked by the recipient
  rejected by recipient
  rejected by the recipient's
  refused by recipient
  refused by the recipient
  denied by recipient
  denied by the recipient
  on the recipient's block
  on recipient's block
`)

/** A refusal of the recipient that gives no reason. */
export const RECIPIENT_REFUSED_SOMEHOW = phrases(`
  address rejected
  recipient rejected
  recipient refused
  cannot route mail to user
  rejected recipient
`)

/** What only a mailer says that looked the domain up itself; the words beside may speak of lists and filters. */
export const DOMAIN_UNKNOWN_SURELY = phrases(`
  account or domain may not exist
  unrouteable address
  unrouteable mail domain
  all relevant mx records point to non-existent hosts
  all host address lookups failed permanently
  couldn't find any host named
  couldn't find any host by that name
  host or domain name not found
  mail for this domain cannot be routed
  unroutable address
  unroutable domain
  able to find the recipient domain
  no such host is known
`)

export const DOMAIN_UNKNOWN = phrases(`
  host unknown
  unknown host
  host not found
  host or domain name not found
  host or domain not found
  host * not found
  host name has no a
  domain does not exist
  domain doesn't exist
  domain not found
  domain name not found
  domain * not found
  domain * does not exist
  domain is not reachable
  domain unknown
  domain must exist
  domain must resolve
  domain may not exist
  domain * may not exist
  unknown domain
  unresolvable domain
  unrouteable domain
  invalid domain
  illegal host/domain name
  illegal domain
  no such domain
  no such host
  non-existent domain
  nonexistent domain
  nxdomain
  name or service not known
  mail domain mentioned in email address is unknown
  recipient address rejected: unknown domain name
  recipient domain must exist
  all relevant mx records point to non-existent hosts
  all host address lookups failed permanently
  couldn't find any host by that name
  could not find any host
  account or domain may not exist
  bad destination system address
  server ip address not found
  hostnotfound
  host/domain name
  host name not found
  host cannot be found
  domain cannot be found
  domain could not be found
  domain was not found
  domain nonexistent
  dominio inexistente
  dominio desconocido
  domaine inconnu
`)

/** "Does not accept mail from …": that is about us. */
export const REFUSES_MAIL_OF_SOME = phrases(`
  accept mail from
  accept mails from
  accept email from
  accept any mail from
  accept any email from
  accept messages from
  receive mail from
  receive email from
  accept mail with
  accept mail without
  accepting mail from
  accepting messages from
  accept mail for
`)

export const DOMAIN_REFUSES_MAIL = phrases(`
  no mx found for
  no host found for existing smtp connection
  destination seem to reject all mails
  does not accept mail
  doesn't accept mail
  does not accept email
  does not accept any email
  does not receive mail
  doesn't receive email
  doesn't receive mail
  no mx or srv
  an mx or srv record indicated no smtp service
  mx * indicated no smtp service
  null mx
  nullmx
  returned null mx
  couldn't find a mail exchanger or ip address
  no mail exchanger
  host does not accept mail
  domain does not accept mail
  domain * not accepting mail
  name server has no mail records
  smtp protocol returned a permanent error
  521 * system not accepting
  521 * does not accept
  this host does not receive mail
  server does not accept mail
  domain service not available
  recipient domain not accepting
  not accept mail for any
  doesn't accept any mail
  no mail server
  mail is not accepted
  system not accepting network messages
  does not accept incoming
  no route for current request
  no smtp service on
`)
