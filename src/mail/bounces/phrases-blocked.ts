//
// Owns: how servers word that our address has a bad name with them. One phrase a line, lower-case; `*` is anything
// between.

import { phrases } from './phrase.ts'

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
  due to reputation
  because of reputation
  complaints from
  user complaints
  likely suspicious due to the
  untrusted reputation
  has been classified as a source of spam
  reputation problem
  poor email reputation
  bad outbound sender
  reputation is too low
  reputation too low
  reputation is low
  reputation is poor
  reputation is bad
  reputation limit
  mta's poor
  temporarily rate limited due to ip reputation
`)

/** Lists of addresses, by name: their names have "spam" in them. */
export const BLOCK_LISTS = phrases(`
  spamcop
  spamrats
  ip is listed
  ip address is listed
  spamhaus
  spfbl
`)

export const BLOCKED = phrases(`
  access denied * banned
  banned sender
  banned sending ip
  banned ip
  ip banned
  blocked using
  rejected: blocked
  blocked - see
  blocked, see
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
  your domain * blocked
  your host * blocked
  your mail server * blocked
  your network is temporary blacklisted
  your server * blocked
  bloque
  refused to talk to me
  access from ip address
  access from your
  access denied from
  ips blocked
  ip's blocked
  ips are blocked
  ip is rejected
  ip rejected
  ip is not allowed
  the ip * not authorized
  ip not allowed
  ip is denied
  your ip * found in
  found in * dnsbl
  found in * rbl
  found in * blocklist
  found in dnsbl
  uceprotect
  backscatterer
  ivmsip
  abusix
  truncate.gbudb
  psbl.
  manitu.net
  mailspike
  greeting failed
  go away
  mail refused
  extreme bad ip profile
  currently sending spam
  bad sender ip
  may not be mail exchanger
  abus detecte
  looks suspiciously like spammer
  not currently accepting mail from your ip
  listed as abusive
  unverifyable sending
  requires confirmation
  on our blacklist
  too many spams
  hosts are banned
  esmtp not accepting connections
  not accepting connections
  refused by blackhole
  zombie
  spamtrap
  spam trap
  is banned
  are banned
  been banned
`)

/** Block lists and filters call themselves by that word too. */
export const REPUTATION_SOMEHOW = phrases('reputation')

/** What is blocked, and whose decision it was, other words beside may tell. */
export const BLOCKED_SOMEHOW = phrases(`
  blocked by
  blocked for
  blocked because
  blocked due
`)
