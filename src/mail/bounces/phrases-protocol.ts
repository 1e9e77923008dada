//
// Owns: how servers word trouble with access, TLS or commands, or that they keep a message back. One phrase a line, lower-case; `*` is anything
// between.

import { phrases } from './phrase.ts'

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
  security error
  security violation
  security reasons
  sorry, that's against
  you must log in
  domain security
  pop before smtp
  invalid sender domain
  security status
  security conversion
  security features
  cryptographic
  integrity failure
`)

export const TLS = phrases(`
  starttls
  must issue a starttls
  tls required
  encryption needed
  tls is required
  tls not available
  requires tls
  requires encryption
  encryption required
  tls negotiation
  tls handshake
  tls connection
  certificate
  dane valid
  dane verif
  dane policy
  dane fail
  dane requir
  via dane
  tlsa
  mta-sts
  cannot start tls
  start tls
  tls failure
  tls error
  tls is not
  tls encryption
  without tls
  handshake failure
  ssl handshake
  secure connection
`)

export const SYNTAX = phrases(`
  malformed address
  may not follow
  angle-brackets nested
  expected word or
  domain missing in source-routed
  syntax illegal for recipient
  invalid characters in
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

export const ON_HOLD = phrases(`
  due to a recipient error
  on hold
  held for
  quarantin
  moderat
  awaiting approval
  pending approval
`)

export const SUPPRESSED = phrases(`
  suppression list
  (suppression)
  suppressed
  recipient address was suppressed
  on the suppression
  has a history of
  previously bounced
  bounced address
  unsubscribed address
  on account suppression
  who marked your messages as spam
  not delivering to
  has suppressed sending
  recent history of
  blacklisted by our sending
  on your block list
`)
