//
// Owns: how servers word that a mailbox exists and takes nothing now. One phrase a line, lower-case; `*` is anything
// between.

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
  number of messages in recipient's mailbox exceeded
  mailbox has reached
  mail box * reached
  mailbox * reached
  exceeded the local limit
  mailbox capacity
  reached its quota
  box full
  has exceeded * quota
  has exceeded * storage
  exceeded his quota
  exceeded her quota
  exceeds their quota
  no space left in mailbox
  recipient has exceeded * quota
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
  quota not suff
  receive any more mail
  user * not enough
  maximum allowed number of messages
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
  mailbox is currently full
  message store is full
  resources exceeded for mailbox
  delivery failed: over quota
  bounced: mailbox full
  diskspace quota
  overdrawn his
  limit exceeded / inode
  blocks limit exceeded
  inode limit exceeded
  over the maximum allowed mailbox size
  mail file size exceeds
  exceeding receiving limits
  dropfile size quota
  space has been used up
  would cause quota
  exceeds quota
  exceeded quota
  beyond quota
  above quota
  quota limit
  quota is full
  out of quota
  mailbox size exceeded
  is out of storage
  storage is full
  mailbox limit
  not enough room in mailbox
`)

export const MAILBOX_MOVED = phrases(`
  recipient no longer on server
  mailbox has moved
  mailbox moved
  address has changed
  has moved to
  user has moved
  recipient has moved
  address has been replaced by
  not local; please try
  no longer uses this address * new address
  has a new address
  has been migrated to
`)

export const MAILBOX_DISABLED = phrases(`
  account * disabled
  account * is disabled
  account is temporarily limited
  account is temporarily disabled
  account is closed
  account has been closed
  account * suspended
  address no longer accepts mail
  mailbox is no longer active
  no longer active
  terminated
  account terminated
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
  administratively disabled
  administratively locked
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
  user no longer here
  no longer uses this address
  domain is disabled
  domain has been suspended
  archived recipient
  vdelivermail: account is locked
  domain is suspended
  domain suspended
  domain is inactive
  is unavailable: user is terminated
  user or domain is disabled
  account has been temporarily disabled
  account has been temporarily blocked
  temporarily inactive
  mailbox closed
  mailbox has been closed
  mailbox has been disabled
  mailbox has been blocked
  mailbox has been suspended
  mailbox * deactivated
  mailbox * suspended
  mailbox * inactive
  due to inactivity
  extended inactivity
  because of inactivity
  user deactivated
  account deactivated
  account is deactivated
  account is no longer active
  not been activated
  is not active
  is no longer active
  service is suspended
  no longer in service
  user is deactivated
  is dormant
  mail receiving disabled
`)

/** What is said of a full mailbox and sometimes of something else: it decides after block lists and rules. */
export const MAILBOX_FULL_PERHAPS = phrases(`
  quota
  mailbox size
  storage allocation
`)
