//
// Owns: how servers word that we come too early, too often or with too much. One phrase a line, lower-case; `*` is anything
// between.

import { phrases } from './phrase.ts'

/** Quotas of messages, before those of mailboxes. */
export const RATE_QUOTA = phrases(`
  sending quota
  daily quota
  hourly quota
  sender quota
  message quota
  recipient quota
  recipients quota
  send quota
  quota of messages
  quota for sending
  rejected: rate limit
  rejected: too many mess
`)

export const GREYLISTED = phrases(`
  greylist
  grey-list
  grey list
  graylist
  gray-list
  gray list
  postgrey
  you have been temporarily deferred due to unknown sender
  not yet authorized to deliver mail
  sender is not yet
  first-time sender
  triplet
  first time seen
  450 4.7.1 try again later
  451 4.7.1 please try again later
  451 4.7.1 try again later
  451 4.7.500 server busy
  grey listing
  gray listing
  liste grise
  grau gelistet
  серый список
  серые списки
  first contact
`)

/** Words of greylisting that are also used for rates: they decide after those, and only for 450 and 451. */
export const GREYLISTED_PERHAPS = phrases(`
  temporarily deferred * first time
  please try again in * seconds
  please retry in * seconds
  try again in * minutes
  come back later
  recipient address rejected: try again later
  recipient address rejected: please try again
  recipient address rejected: temporarily
  resend this mail later
  temporary envelope failure
  is not yet known
  try again in * seconds
  try again after
  retry after
  try later in
`)

export const TOO_MANY_CONNECTIONS = phrases(`
  too many connections
  too many concurrent
  too many simultaneous
  too many open connections
  too many sessions
  too many smtp connections
  too many smtp sessions
  too many parallel
  too many sockets
  concurrent connection
  concurrent smtp connection
  connection limit
  connections limit
  connection count
  connection frequency limit
  connection rate limit exceeded
  connection rate
  simultaneous connections
  simultaneous sessions
  maximum number of connections
  maximum connections
  max connections
  max number of connection
  maximum concurrent
  number of connections exceeded
  ip frequency limited
  exceeded the maximum number of connections
  trop de connexions
  zu viele verbindungen
  connection refused * too many
  maximum connection limit
  maximum sessions
  concurrent sessions
  no ips available
  too many hosts
  too many open
`)

export const RATE_LIMITED = phrases(`
  rate limit
  rate-limit
  ratelimit
  rate limited
  rate control
  rate exceeded
  rate that prevents
  rate is too high
  at a rate
  unusual rate
  sending rate
  message rate
  mail rate
  throttl
  too many messages
  too many mails
  too many emails
  too many e-mails
  too many recipients
  too many errors
  too many invalid recipients
  too many bad recipients
  too many requests
  too many mail
  too much mail
  too frequent
  too fast
  too quickly
  limit the number of messages
  maximum number of messages
  message limit
  sending limit
  hourly limit
  hourly quota
  daily limit
  daily quota
  exceeded the limit of
  exceeds the limit of messages
  per hour
  per minute
  per day
  per connection
  send slower
  sending too
  slow down
  excessive rate
  excessive volume
  unexpected volume
  volume of mail
  frequency limit
  frequency is limited
  try to send later * too
  mail frequency
  receiving mail too quickly
  over the message limit
  exceeded * messages
  exceeded * emails
  service refuse. veuillez essayer plus tard
  mailbox busy
  resources temporarily unavailable
  resources restricted
  recipient thread limit exceeded
  too many error
  exceeded the max emails
  max emails per
  reached your daily limit
  reached the daily limit
  reached the limit
  reached * limit for
  recipient limit
  recipients limit
  try again slower
  per transaction exceeded
  exceeded the max defers
  reciplimit
  mail count
  limit of messages
  quota of recipients
  exceeded their limit for the number
  throughput
`)
