//
// Owns: how servers word that an address cannot be used. One phrase a line, lower-case; `*` is anything between.

import { phrases } from './phrase.ts'

export const MAILBOX_FULL = phrases(`
  mailbox full
  mailbox is full
  mailbox for user is full
  mailbox has exceeded
  mailbox * exceeded
  mailbox exceeds allowed size
  mailbox is over quota
  mailbox over quota
  mailbox quota
  mailbox size limit
  mailbox too large
  mailbox would exceed
  mailfolder is full
  maildir over quota
  maildirquota
  mailbox_full
  mailboxfull
  inbox is full
  inbox is out of storage
  out of storage space
  over quota
  over-quota
  over disk quota
  overquota
  is over the quota
  over the maximum allowed
  over the allowed quota
  over its quota
  over his quota
  over their quota
  exceeded their quota
  exceeded his/her quota
  exceed the quota
  exceeds the quota
  exceeded storage allocation
  exceeded its storage
  exceeding the quota
  quota exceed
  quota full
  quota is exceeded
  quota * exceeded
  quota violation
  quotaexceeded
  quota would be exceeded
  disc quota
  disk quota
  disk is full for user
  disk space exceeded
  exceed* disk space
  account is full
  account is over
  account is exceeding
  has run out of space
  has too many messages on the server
  is using too much storage
  too much mail data
  too many messages in this mailbox
  not enough space in mailbox
  not enough storage space
  no space left for this user
  insufficient quota
  insufficient space in mailbox
  mail quota
  storage quota
  storage limit exceeded
  user has exhausted allowed storage
  user storage
  recipient storage full
  recipient's mailbox is full
  recipient mailbox is full
  recipient * is over
  receiver over quota
  user is over
  user full
  user's mailbox is full
  quotum
  boite du destinataire pleine
  boite pleine
  postfach voll
  postfach ist voll
  quota ueberschritten
  casilla llena
  buzon lleno
  caixa postal cheia
  casella piena
  mailbox is currently full
  message store is full
  resources exceeded for mailbox
  delivery failed: over quota
  bounced: mailbox full
`)

export const MAILBOX_MOVED = phrases(`
  recipient no longer on server
  mailbox has moved
  address has changed
  has moved to
  has changed to
  user has moved
  user no longer here
  has been replaced by
  no longer uses this address
  please use the new address
  recipient has moved
`)

export const MAILBOX_DISABLED = phrases(`
  account * disabled
  account * is disabled
  account has been disabled
  account disabled
  account inactive
  account is inactive
  account * is inactive
  account * inactive
  account is locked
  account is blocked
  account is not active
  account is suspended
  account is unavailable
  account is temporarily unavailable
  account has been locked
  account has been suspended
  account has been temporarily suspended
  account has been deactivated
  account has been blocked
  account has expired
  account expired
  account closed
  account suspended
  account that you tried to reach is disabled
  account that you tried to reach is inactive
  mailbox disabled
  mailbox is disabled
  mailbox * disabled
  mailbox is frozen
  mailbox is inactive
  mailbox is locked
  mailbox is suspended
  mailbox is unavailable as it is disabled
  mailbox currently suspended
  mailbox frozen
  mailbox inactive
  mailbox locked
  mailbox deactivated
  mailbox expired
  mailbox blocked
  mailbox_disabled
  mailbox is blocked
  mailbox unavailable or access denied
  mailbox not available for this user at this time
  email account that you tried to reach is disabled
  disabled recipient address
  recipient address * disabled
  recipient * disabled
  recipient suspend
  recipient suspended
  recipient is suspended
  recipient is inactive
  recipient account is blocked
  recipient account is disabled
  recipient blocked
  recipient temporarily unavailable
  inactive account
  inactive email address
  inactive user
  invalid/inactive user
  invalid/inactive recipient
  is a deactivated mailbox
  is a disabled
  is currently suspended
  not an active address
  inactive on this system
  has been deactivated
  deactivated mailbox
  temporary locked
  temporarily locked
  user suspended
  user is suspended
  user is inactive
  user is disabled
  user account is disabled
  user disabled
  user temporarily disabled
  user is blocked
  user's account is locked
  user account has been disabled
  discontinued
  boite du destinataire archivee
  compte du destinataire est bloque
  domain is disabled
  domain has been suspended
  archived recipient
  vdelivermail: account is locked
`)

/** The server speaks of its own directory: no other meaning is possible. */
export const MAILBOX_UNKNOWN_SURELY = phrases(`
  recipient name is not recognized
  recipnotfound
  resolver.adr.exrecipnotfound
  invalid final delivery userid
  unknown final delivery userid
  not listed in domino directory
  not listed in public name & address book
  not listed in the domino directory
  not found in directory
  not found in ldap
  no such user in directory
  sorry, no mailbox here by that name
  no mailbox here by that name
  dd this user doesn't have a
  dd requested mail action not taken: mailbox unavailable
  unknown local part
  unknown local-part
  unrouteable mail: unknown user
  this is not a valid mailbox
  address couldn't be found
  the account or mailbox does not exist
  vpopmail: no such user
  vdeliver: invalid or unknown virtual user
  mailbox name not allowed or user unknown
`)

/** Proof only in the answer to RCPT, or beside an enhanced code that says so. */
export const MAILBOX_UNKNOWN = phrases(`
  user unknown
  user is unknown
  unknown user
  user not found
  user not known
  user not exist
  user does not exist
  user doesn't exist
  user doesn't have a
  user could not be found
  user invalid
  user * does not exist
  user * is not known
  user * unknown
  user was not found
  utilisateur inconnu
  usuario desconocido
  usuario inexistente
  destinataire inconnu
  destinataire invalide
  adresse d au moins un destinataire invalide
  adresse destinataire invalide
  adressat unbekannt
  empfaenger unbekannt
  benutzer unbekannt
  destinatario sconosciuto
  utente sconosciuto
  no such user
  no such a user
  no such person
  no such recipient
  no such mailbox
  no such address
  no such account
  no such local user
  no such virtual user
  no mailbox
  no mail box
  no mail-box
  no valid recipient
  no user
  no account by that name
  no account with
  no recipients
  no one by that name
  no longer available
  no longer exists
  no longer valid
  no longer in use
  no longer employed
  not a known user
  not a local user
  not a valid user
  not a valid mailbox
  not a valid recipient
  not a registered
  not a user here
  not a subscriber
  not our customer
  not found here
  is not local
  is not valid
  is not a known
  is not known
  account not found
  account does not exist
  account doesn't exist
  account unknown
  account that you tried to reach does not exist
  account invalid
  account not available
  address does not exist
  address doesn't exist
  address * does not exist
  address invalid
  address is invalid
  address not found
  address not known
  address not present
  address not recognized
  address rejected
  address unknown
  address * not listed
  bad address
  bad destination mailbox address
  bad destination
  bad mailbox
  bad recipient
  bad user
  delivery to * not allowed
  destination address * rejected
  does not exist
  doesn't exist
  email address could not be found
  email address does not exist
  email address is not valid
  incorrect recipient
  invalid address
  invalid local part
  invalid mailbox
  invalid recipient
  invalid user
  invalid receiver
  invalid email
  is unknown
  isn't in my list of allowed recipients
  local user not found
  mailbox * does not exist
  mailbox does not exist
  mailbox doesn't exist
  mailbox invalid
  mailbox is invalid
  mailbox not found
  mailbox not exist
  mailbox not present
  mailbox not available
  mailbox unavailable
  mailbox unknown
  mailbox * unknown
  mailbox * not available
  name not found
  nobody by that name
  non-existent
  nonexistent
  not exist
  recipient does not exist
  recipient is not local
  recipient not found
  recipient not ok
  recipient not recognized
  recipient rejected
  recipient refused
  recipient unknown
  recipient * does not exist
  recipient * not found
  recipient * unknown
  requested action not taken: mailbox
  rcptto address unknown
  unable to find recipient
  undeliverable address
  unknown address
  unknown account
  unknown email
  unknown local user
  unknown mailbox
  unknown or illegal
  unknown recipient
  unknown virtual user
  unknown rcpt
  unrouteable address
  unrouteable mail domain
  we don't handle mail for
  user-unknown
`)

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
  couldn't find any host named
  couldn't find any host by that name
  could not find any host
  account or domain may not exist
  bad destination system address
  server ip address not found
  hostnotfound
`)

export const DOMAIN_REFUSES_MAIL = phrases(`
  does not accept mail
  doesn't accept mail
  does not accept email
  does not accept any email
  does not receive mail
  doesn't receive email
  doesn't receive mail
  no mx found for domain
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
  mail receiving disabled
  smtp protocol returned a permanent error
  system not accepting network messages
  this host does not receive mail
  server does not accept mail
  domain service not available
  recipient domain not accepting
`)
