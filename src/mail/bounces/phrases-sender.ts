//
// Owns: how servers word that they do not know who we are, or that we may not send as this sender. One phrase a line, lower-case; `*` is anything
// between.

import { phrases } from './phrase.ts'

export const PTR_MISSING = phrases(`
  no ptr
  ptr record
  has no ptr
  missing ptr
  invalid ptr
  reverse dns
  reverse-dns
  reverse lookup
  reverse hostname
  reverse name
  reverse mapping
  rdns
  cannot find your reverse
  cannot find your hostname
  cannot resolve your address
  cannot find reverse
  client host name * could not be resolved
  ip address does not resolve
  ip name lookup failed
  ip * does not have a * hostname
  no valid host name
  unresolvable relay host name
  unresolvable client
  mismatches client ip
  dns ptr
  pointer record
  forward confirmed
  fcrdns
  must have a hostname
  all mail servers must have a ptr
  ptr lookup
  ptr does not
  ptr for
  ptr check
  missing rdns
`)

export const AUTHENTICATION = phrases(`
  dmarc policy
  dmarc reject
  dmarc verification
  dmarc check
  dmarc fail
  fails dmarc
  fail dmarc
  failed dmarc
  dmarc evaluation
  per dmarc
  violates dmarc
  dkim check
  dkim verification
  dkim fail
  dkim signature
  dkim = did not pass
  dkim did not pass
  domainkeys
  spf check
  spf fail
  spf record
  spf validation
  spf: fail
  spf (sender policy framework)
  spf hard fail
  spf hardfail
  spf-fail
  spf_fail
  fails spf
  failed spf
  spf did not pass
  spf unauthorized
  sender policy framework
  openspf
  sender id (pra)
  rejected by spf
  is not authorized by spf
  not authorized to send mail from this domain
  not an authorized sender for
  unauthenticated email
  sender is unauthenticated
  authentication information or fails to pass
  does not have authentication information
  fails to pass authentication checks
  does not pass authentication
  did not pass authentication
  must pass authentication
  failed authentication checks
  fails authentication
  sender authentication failed
  required authentication level
  does not meet the required authentication
  requires all senders to authenticate
  email authentication
  arc validation
  5322.from
  from domain not aligned
  not aligned
  spf domain authentication
  authentication fail: spf
  did not pass dmarc
  does not pass dmarc
  not pass dmarc
  not pass spf
  not pass dkim
  spf softfail
  spf result
  spf policy
  spf error
  dkim policy
  fail to pass
  due to dmarc
  dmarc record
  dmarc quarantine
  dmarc failure
  domain's dmarc
  alignment
  spf:
`)

/** It names the sender; what is said of an unknown address beside is said of that one. */
export const SENDER_REFUSED_SURELY = phrases(`
  sender address has null mx
  sender domain has null mx
  sender has null mx
  mail from domain
  sender address rejected
  sender rejected
  sender was rejected
  sender domain must exist
  domain of sender address
  unroutable sender
  verify sender
  callback verification
  sender callout
  sender verif
  sender blacklisted
  purported responsible address
  permissions to send as
  permission to send as
  not permitted to send as
  batv
  null sender is not allowed
  empty envelope senders
  envelope sender is in my badmailfrom
  envelope sender has been denied
  sender address is on
  sender address is listed
  sender address is blocked
  sender address has been bl
  verification failed while checking
  sender address verification
`)

export const SENDER_REFUSED = phrases(`
  sender address rejected
  sender was rejected
  sender rejected
  sender denied
  sender refused
  sender not allowed
  sender is not allowed
  sender is blocked
  sender domain
  sender not verified
  sender unknown
  unknown sender
  invalid sender
  bad sender
  backscatter protection
  not allowed to send
  cannot find * sender
  cannot verify * sender
  could not verify sender
  callout verification
  by non-member of
  domain of sender address
  domain from * is not
  does not exist * sender
  from address rejected
  from * not allowed
  mail from * rejected
  mail from * refused
  mail from * not accepted
  mail from * denied
  envelope blocked
  envelope sender
  fake sender
  forged sender
  not allowed to post
  you are not allowed to post
  not a member of
  not subscribed
  only members
  permission to post
  purported responsible address
  reply address
  spoofed
  spoofing
  return path * invalid
  returned address
  wrong sender
  customfromdenied
  smtp server does not advertise auth capability
  all recipient addresses rejected : access denied
  expéditeur
  expediteur
  does not designate permitted sender
  you can't send * from this address
  groups.google.com
  your access to submit messages
  without a valid sender domain
  non-member
  nonmember
  emetteur invalide
  address is not verified
  identities failed the check
  is not on the list of allowed senders
  not pre-approved
  sender is spammer
  email address has been blacklisted
  address that has been blacklisted
  not subscribed to this group
  closed mailing list
  mail from not owned
  returned mail not accepted
  you do not have permission to send
  you don't have permission to send
  sender is not authorized
  from domain is invalid
  invalid from
  absender
  remitente
  mittente
  remetente
  отправител
  差出人
  发件人
  required for sender
`)

export const RELAY_DENIED = phrases(`
  no relaying
  not relaying
  relay access denied
  relaying denied
  relay denied
  relay not
  relaying not
  relaying prohibited
  relaying is prohibited
  relaying mail to * not allowed
  relay operation rejected
  relaying * denied
  unable to relay
  cannot relay
  will not relay
  not permitted to relay
  not allowed to relay
  we do not relay
  don't relay
  insecure mail relay
  that domain isn't in my list of allowed rcpthosts
  isn't allowed to be relayed
  not our domain
  this system is not configured to relay
  mail server requires authentication when attempting to send to a non-local
  send to a non-local e-mail address
  unable to relay for
  must be authenticated to relay
  we don't handle mail for
  not handle mail for
  not a gateway
  not an open relay
  as a relay
  relaying is not allowed
  relaying is denied
  relaying disallowed
  no relay
  not local host
  specified domain is not allowed
  domain not hosted here
  domain is not hosted here
  domain not local
  do not accept mail for this domain
  relais
  ретрансл
  relaying to
  access denied: relay
  domain * not handled
  domain * isn't hosted
  domain * not hosted
`)
