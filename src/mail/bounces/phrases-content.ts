//
// Owns: how servers word that they do not like the message, or that a rule forbids it. One phrase a line, lower-case; `*` is anything
// between.

import { phrases } from './phrase.ts'

export const TOO_LARGE = phrases(`
  message size exceeds
  message too large
  message too big
  message too long
  message is too long
  attachment is too
  attachment too big
  attachment too long
  mail is too
  message is too large
  message is too big
  message * too large
  message exceeds
  message length exceeds
  message header size exceeds
  message file too big
  message larger than
  mail size limit
  mail too large
  maximum message size
  max message size
  maximum size
  size limit
  size of this message
  exceeds size
  exceeds fixed maximum
  exceeds message size
  exceeded maximum inbound message size
  exceeds maximum size
  exceeds the maximum size
  exceeds the maximum message
  message too big
  too big for
  exceeds limit set by recipient
  exceeds maximum allowed
  line limit exceeded
  recipsizelimit
  your message exceeded
  nachricht zu gross
  size exceeded
  attachment too large
  over the size limit
  larger than the current system limit
  maximum permitted for this recipient
  message size too
  mail size exceed
  size exceeds
  file too big
  exceeds the size
  e-mail size
  nachricht ist zu gross
  nachricht ist zu groß
  message trop volumineux
  mensaje demasiado grande
  messaggio troppo grande
  mensagem muito grande
  слишком большое
  слишком большой размер
  邮件过大
`)

export const NOT_COMPLIANT = phrases(`
  rfc 5322
  rfc5322
  rfc 2822
  rfc2822
  rfc 822
  rfc-5322
  rfc-822
  rfc 5321
  not rfc
  non-rfc
  rfc compliant
  rfc-compliant
  rfcmessagenoncompliant
  multiple addresses in from
  multiple from
  duplicate header
  more than one * header
  missing header
  missing required header
  header * missing
  missing from
  missing date
  missing message-id
  no date header
  no from header
  no message-id
  from: header are not accepted
  bare lf
  bare linefeed
  bare newline
  bare <lf>
  bare cr
  line length
  line too long
  lines longer than
  invalid header
  malformed header
  malformed mime
  mime error
  bad header
  null character
  nul character
  non-ascii character
  8-bit character
  undisclosed recipients
  syntactically incorrect header
  header * syntax
  smtplf
  bad_header
  bad-header
  one or no date
  protocol violation
`)

/** Kinds of files are refused, whatever the list of them is called. */
export const CONTENT_SURELY = phrases(`
  file extension
  file type
  attachment type
  banned filename
  mime type
  banned attachment
  blocked attachment
  dangerous attachment
  illegal attachment
  attachment blocked
`)

export const CONTENT = phrases(`
  headers too large
  header too large
  header size
  header line too
  improper use of 8-bit
  8bit data
  media error
  content restrictions
  attachment * not allowed
  attachment * blocked
  attachments are not accepted
  banned attachment
  executable attachment
  dangerous attachment
  blocked attachment
  prohibited attachment
  unacceptable attachment
  archive * not allowed
  message content
  content was rejected
  content not accepted
  content * not accepted
  body contains
  charset * not
  unsupported charset
  charset not supported
  conversion required
  forbidden word
  html * not allowed
  message * contains * prohibited
  contains prohibited
  routing loop header
  the message contains
  undesirable content
  - banned
  banned:
  smtputf8 is required
  smtputf8 is not
  internationalized
  attachment blocked
  attachment is not allowed
  attachments are not
  illegal attachment
  forbidden attachment
  password protected
  password-protected
  executable file
  mime complexity
  message header size
  invalid mime
  content is not acceptable
  content not acceptable
  character set
  encrypted archive
  potentially executable
  media not supported
  attachments of type
`)

/** It calls a rule by that name; "blocked for policy reasons" then speaks of no list of addresses. */
export const POLICY_SURELY = phrases(`
  policy reason
`)

export const POLICY = phrases(`
  header error
  denied by policy
  our policy
  has a policy that
  against policy
  against our policy
  because of policy
  company policy
  delivery not authorized
  due to * policy
  email policy
  policy violation
  policy restriction
  policy rejection
  policy-based
  prohibited by policy
  local policy
  not accepted for policy
  not acceptable for policy
  administrative policy
  administrative prohibition
  administratively
  rejected by policy
  rejected for policy
  site policy
  security policies
  security policy
  sender policy
  violates * policy
  violation of policy
  you may not send
  policies
  transport rule
  rejected by a transport rule
  transport.rules
  prohibited by * administrator
  this message was blocked because its content
  the message was rejected by organization policy
  not permitted by policy
  organizational settings
  mass mailer
  attachment policy
  local rules
  rule set
  rules set
  security reason
  by administrator
  by the administrator
  content policy
`)
