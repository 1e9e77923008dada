//
// Owns: how servers word trouble of their own, or on the way. One phrase a line; `*` is anything between.

import { phrases } from './phrase.ts'

export const SYSTEM_FULL = phrases(`
  insufficient disk space
  insufficient system storage
  insufficient storage
  insufficient system resources
  no space left on device
  no space on device
  out of disk space
  out of space
  disk full
  disk is full
  file system full
  filesystem is full
  mail system full
  not enough disk
  not enough space on
  low on disk
  system full
  requested mail action aborted: exceeded storage
`)

export const SECURITY = phrases(`
  authentication required
  authentication failed
  authentication failure
  authentication turned on
  authentication is required
  authentication credentials invalid
  smtp authentication
  smtp auth
  auth required
  must authenticate
  must be authenticated
  client was not authenticated
  not authenticated
  please authenticate
  unauthenticated senders not allowed
  unauthenticated
  turn on smtp
  not authorized
  unauthorized
  username and password
  login required
  user not authorized
  permission denied
  insufficient security
  security failure
  security violation
  security reasons
  encryption needed
  sorry, that's against
  you must log in
  domain security
  pop before smtp
  invalid sender domain
`)

export const TLS = phrases(`
  starttls
  must issue a starttls
  tls required
  tls is required
  tls not available
  requires tls
  requires encryption
  encryption required
  tls negotiation
  tls handshake
  tls connection
  certificate
  dane
  tlsa
  mta-sts
`)

export const SYNTAX = phrases(`
  malformed address
  may not follow
  syntax error
  command parameter not implemented
  command not implemented
  command not recognized
  command unrecognized
  unrecognized command
  unknown command
  bad command
  bad sequence of commands
  out of sequence
  invalid command
  parameter not recognized
  parameters not recognized
  unsupported parameter
  unimplemented command
  need mail before
  need rcpt
  nested mail
  incorrectly constructed
  improper command
`)

export const MAILER = phrases(`
  mailer error
  command failed
  command died
  command output
  command line usage error
  command time limit exceeded
  pipe to |
  pipe to <
  local delivery failed
  local delivery agent
  program failed
  process died
  procmail
  maildrop
  dovecot-lda
  exit code
  exit status
  exited with
  x-unix
  died with status
  child process returned
  delivery agent
  operating system error
  service unavailable (exit
  error writing to
  lost connection with local
  mail for * transport error
  delivery program
  content-filter * failed
  can't create output
`)

export const ON_HOLD = phrases(`
  due to a recipient error
  on hold
  held for
  quarantin
  moderat
  awaiting approval
  pending approval
`)

export const EXPIRED = phrases(`
  connection timed out
  connect timed out
  timed out
  time out
  timeout
  delivery time expired
  delivery expired
  expired
  envelope expired
  message expired
  queue.expired
  retry time
  retry timeout
  retries exceeded
  too long
  too old
  giving up
  gave up
  could not be delivered for
  could not deliver for
  not delivered within
  undelivered for
  undeliverable for
  undelivered after
  has been delayed
  been in the queue
  in the queue too long
  still undelivered
  was not delivered after
  attempts have failed
  delivery failed * attempts
  failed * attempts
  maximum number of attempts
  maximum retries
  host not reachable
  host unreachable
  not reachable
  did not accept our requests to connect
  unable to connect successfully
  cannot connect to
  could not connect to
  failed to connect
  will be retried
  unable to deliver in
  unable to deliver this message after
  no route to host
  mail is still undeliverable
  delivery temporarily suspended
  temporarily suspended
  message delayed
  is delayed
`)

export const NETWORK = phrases(`
  dns error
  dns lookup
  dns failure
  dns server
  dns timeout
  name service error
  name server
  nameserver
  host name lookup
  hostname lookup
  lookup failure
  lookup failed
  server failure
  servfail
  unable to resolve
  could not resolve
  malformed or unexpected name server reply
  too many hops
  hop count
  hops exceeded
  maximum hop
  mail loop
  mail forwarding loop
  mail loops back
  loops back to myself
  routing loop
  loop detected
  looping
  message looping
  message loop
  smtp connection
  establish an smtp connection
  connection refused
  connection reset
  connection lost
  connection broken
  connection closed
  connection dropped
  lost connection
  unable to connect
  network error
  network is unreachable
  network unreachable
  network problem
  unreachable
  no answer from host
  bad connection
  route
  routing
  unable to contact destination
`)

export const SYSTEM = phrases(`
  system error
  internal error
  internal server error
  server error
  server configuration
  system config
  configuration error
  local configuration
  local error
  local problem
  temporary failure
  temporary error
  temporary local problem
  temporarily unavailable
  temporary lookup failure
  service unavailable
  service currently unavailable
  service not available
  service is unavailable
  server busy
  server is busy
  server too busy
  server temporarily unavailable
  system busy
  queue file write error
  queue file
  ldap server
  ldap
  database error
  database
  cannot open
  can't open
  can't create
  could not write
  i/o error
  input/output error
  insufficient permission
  insufficient resources
  out of memory
  memory
  load average
  proxy error
  overload
  unexpected error
  unknown error
  unspecified error
  please try later
  try again later
  try later
  duplicated message-id
  loop alert
  interrupted system call
  backend
  rejected. please try again
  unable to process
  unable to accept
  error in processing
  aborted
  shutting down
  maintenance
  timeout exceeded
  critical error
  can't be accepted
`)

export const SUPPRESSED = phrases(`
  suppression list
  suppressed
  recipient address was suppressed
  on the suppression
  has a history of
  previously bounced
  bounced address
  unsubscribed address
  on account suppression
`)
