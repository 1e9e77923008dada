//
// Owns: how servers word trouble of their own machine, or on the way. One phrase a line, lower-case; `*` is anything
// between.

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
  operating system error
  service unavailable (exit
  error writing to
  lost connection with local
  mail for * transport error
  delivery program
  content-filter * failed
  can't create output
  child process of
  || exit
  bad interpreter
  delivery agent failed
  agent failed
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
  has not been delivered
  has not yet been delivered
  delay reason:
  failing for a long time
  after a long failure period
  retry time not reached
  has been frozen
  frozen on arrival
  message expired
  queue.expired
  retry time
  retry timeout
  retries exceeded
  could not be delivered for
  could not deliver for
  not delivered within
  undelivered for
  undeliverable for
  undelivered after
  has been delayed
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
  message timed out
  server did not respond
  not been collected after
  after multiple retries
  not reachable within
  delivery attempts will continue
  could not find a gateway for
  have been abandoned
  no answer from host
`)

/** A name server that did not answer, whatever else the line says. */
export const NETWORK_SURELY = phrases(`
  host not found, try again
  temporary failure in name resolution
`)

export const NETWORK = phrases(`
  dns error
  lowest numbered mx record points to local host
  mx record points to local host
  dns lookup
  dns failure
  dns server
  dns timeout
  name service error
  no matches to nameserver query
  cname lookup failed
  no valid route
  network error on destination
  communications failure
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
  bad connection
  route
  routing
  unable to contact destination
  forwarding loop
  already has my delivered-to
  records for the destination computer
`)

/** The receiver's own tables and files: what follows speaks of the network only by its words. */
export const SYSTEM_SURELY = phrases(`
  temporary lookup failure
  user lookup failure
  alias lookup
  directory server
  maildir delivery failed
`)

export const SYSTEM = phrases(`
  system error
  unverified address
  verification in progress
  several matches found in domino directory
  delivery to file forbidden
  delivery to pipe forbidden
  unable to switch to
  unable to chdir
  too many "received" headers
  dns violates rfc 1035
  host is address in a permanently failing
  internal error
  internal server error
  server error
  server configuration
  system config
  configuration error
  local configuration
  local error
  local problem
  temporary local problem
  server busy
  server is busy
  server too busy
  system busy
  queue file write error
  queue file
  ldap server
  ldap lookup
  ldap err
  ldap fail
  database err
  database temp
  database fail
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
  duplicated message-id
  loop alert
  interrupted system call
  backend
  rejected. please try again
  shutting down
  maintenance
  timeout exceeded
  critical error
  it encountered an error while being processed
  would create a mail loop
  remote server is misconfigured
  there is no mdb
  timeout waiting for input
  broken loop
`)
