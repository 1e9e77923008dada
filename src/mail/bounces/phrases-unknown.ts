//
// Owns: how servers word that there is no such mailbox. One phrase a line, lower-case; `*` is anything
// between.

import { phrases } from './phrase.ts'

/** The server speaks of its own directory: no other meaning is possible. */
export const MAILBOX_UNKNOWN_SURELY = phrases(`
  recipientnotfound
  not found by smtp address lookup
  unknown recipient or mailbox unavailable
  unknown user: 
  542  rejected
  non répertorié dans l'annuaire domino
  no se encuentra en el directorio de domino
  domino ディレクトリには見つかりません
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
  not in my validrcptto list
  in my badrcptto list
  in my badrecipientto list
  envelope recipient has been denied
  isn't in my list of allowed recipients
  e-mail account does not exist at the organization
  address was not found in the recipient's e-mail system
  not in route list
  no one at this address
  user's email name is not found
  not found in the address book
  not listed in public name
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
  address unknown
  address * not listed
  bad address
  bad destination mailbox address
  bad destination
  bad mailbox
  bad recipient
  bad user
  delivery to * not allowed
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
  user-unknown
  user not local
  not local user
  mailbox name not allowed
  mailbox name is not
  unknown e-mail
  unknown or invalid
  unknown to
  unknown alias
  unknown here
  unknown adress
  addressee unknown
  adressee unknown
  user missing home directory
  can't accept user
  no thank you rejected
  no account here
  no accounts
  no active account
  recipient is not accepted
  recipient not accepted
  recipient not exist
  recipient not valid
  recipient is invalid
  recipient is unknown
  recipient address is invalid
  recipient invalid
  refuses to accept your mail
  is wrong or no longer valid
  wrong or no longer
  not have an account
  doesn't have an account
  does not have an account
  does not have a mailbox
  has no mailbox
  have no mailbox
  please check the recipient's
  please check the address
  badrcptto
  isn't valid
  is not a valid
  address not valid
  address no longer
  mailbox is unknown
  mailbox is not
  mailbox does not
  email does not exist
  unable to find user
  could not find user
  cannot find user
  can't find user
  no email address
  unknown login
  unknown subscriber
  user is not
  userunknown
  mail box not found
  mail box unknown
  cannot be found
  can not be found
  no valid mailbox
  not valid recipient
  not a deliverable
  not deliverable
  not have a mailbox
  not have that mailbox
  not have a user
  not have an address
  not know that user
  not know this user
  n't know that user
  n't know this user
`)
