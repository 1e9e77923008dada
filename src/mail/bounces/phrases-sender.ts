//
// Owns: how servers word that they do not like who we are, or how much we send. One phrase a line; `*` is anything
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
  no matches to nameserver query
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
  temporarily deferred * first time
  please try again in * seconds
  please retry in * seconds
  try again in * minutes
  come back later
  not yet authorized to deliver mail
  recipient address rejected: try again later
  recipient address rejected: please try again
  recipient address rejected: temporarily
  resend this mail later
  temporary envelope failure
  is not yet known
  sender is not yet
  first-time sender
  unknown triplet
  450 4.7.1 try again later
  451 4.7.1 please try again later
  451 4.7.1 try again later
  451 4.7.500 server busy
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
`)

export const REPUTATION = phrases(`
  low reputation
  bad reputation
  poor reputation
  very low reputation
  negative reputation
  reputation score
  senderscore
  sender score
  senderbase reputation
  reputation of the sending
  reputation filter
  ip reputation
  domain reputation
  has poor * reputation
  due to user complaints
  user complaints
  likely suspicious due to the
  untrusted reputation
  has been classified as a source of spam
`)

export const BLOCKED = phrases(`
  access denied * banned
  banned sending ip
  banned ip
  ip banned
  blocked using
  blocked by
  blocked - see
  blocked for
  blocked, see
  blocked because
  blocked due
  block list
  blocklist
  block-list
  blacklist
  black list
  black-list
  blackhole
  blocked ip
  ip blocked
  ip is blocked
  ip address is blocked
  ip address blocked
  ip address has been blocked
  ip has been blocked
  address * has been blocked
  your ip * blocked
  your ip * rejected
  your ip * denied
  your ip * listed
  your ip address
  client host * blocked
  client host rejected
  client address rejected
  client * rejected
  connecting host * blocked
  connection dropped
  connection refused by policy
  connection refused from
  connection rejected
  connection from * refused
  connections from this
  connections not accepted
  connections will not be accepted
  denylist
  dnsbl
  an rbl
  rbl.
  rbl:
  (rbl)
  uribl/black
  spamhaus
  sorbs
  spamcop
  barracudacentral
  proofpoint.com/dnsbl
  cloudmark.com
  csi.cloudmark
  senderbase.org
  talosintelligence
  mxtoolbox
  trendmicro * reputation
  dynamic ip
  dynamic/generic
  dynamic pool
  dynamically assigned
  residential ip
  dial-up
  dialup
  generic hostname
  helo command rejected
  helo/ehlo
  bad helo
  invalid helo
  helo name
  host * is not allowed
  host is not allowed to
  host refused
  host rejected
  hosts in blacklist
  invalid ip for sending mail
  is in a black list
  is in an rbl
  is in my blocklist
  is listed
  is on our block
  part of their network is on our block
  listed at
  listed by
  listed in
  listed on
  mail server * blocked
  messages from * weren't sent
  my name was rejected
  no access from mail server
  not allowed to connect
  not authorized to connect
  please use the smtp server of your isp
  please use your isp
  use your provider's smtp
  refused your connection
  rejected because of * list
  rejecting open proxy
  open relay
  sender ip
  sending mta's ip
  source ip
  server access * forbidden
  temporarily blocked
  temporary block
  temporarily deferred due to * ip
  transaction failed unsolicited
  unsolicited mail originating from your ip
  you are not allowed to connect
  you are not welcome
  your access to submit messages
  your domain * blocked
  your host * blocked
  your mail server * blocked
  your network is temporary blacklisted
  your server * blocked
  bloque
  refused to talk to me
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
  sender verify failed
  sender verification
  sender not verified
  sender unknown
  unknown sender
  invalid sender
  bad sender
  backscatter protection
  address * not allowed to send
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
  address not allowed to send
  groups.google.com
`)

export const RELAY_DENIED = phrases(`
  no relaying
  not relaying
  relay access denied
  relaying denied
  relay denied
  relaying not allowed
  relay not permitted
  relaying not permitted
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
`)
