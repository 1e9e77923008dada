//
// Owns: how servers word that they do not like what we sent. One phrase a line; `*` is anything between.

import { phrases } from './phrase.ts'

export const VIRUS = phrases(`
  virus detected
  virus infected
  virus found
  contains a virus
  contains virus
  virus phishing
  virus/
  infected with
  is infected
  malware
  trojan
  a virus
  viral content
  eicar
  clamav
  antivirus
  anti-virus
`)

/** The message itself was found to be spam. */
export const SPAM_SURELY = phrases(`
  blacklisted url
  blacklisted link
  url * blacklisted
  uribl.com
  surbl
  listed domain in body
  spam content
  spam message
  spam mail
  spam email
  spam detected
  spam classification
  spam score
  spam points
  spam rejected
  spam scanner
  spam filter
  spam check
  spam-like
  spamassassin
  spamminess
  is spam
  as spam
  be spam
  considered spam
  considered unsolicited
  contains spam
  classified as spam
  detected as spam
  detected spam
  identified as spam
  identified as unsolicited
  likely unsolicited
  looks like spam
  looked like spam
  marked as spam
  scored as spam
  suspected spam
  suspected to be spam
  suspicion of spam
  probable spam
  rejected as spam
  rejected for spam
  rejected * spam
  - spam
  appears to be unsolicited
  unsolicited bulk
  unsolicited mail
  unsolicited email
  unsolicited message
  junk mail
  ube,
  ube content
  phishing
  high probability of spam
  message content rejected
  content filter
  content rejected
  cloudmark
  considers this message as
  too many spam
  spammy
  ofr_506
  spamv
  dt:spm
  hl:itc
`)

export const SPAM = phrases(`
  spam
  unsolicited
  bulk mail
  bulk email
`)

export const TOO_LARGE = phrases(`
  message size exceeds
  message too large
  message too big
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
  exceeds maximum
  exceeds fixed maximum
  exceeds message size
  exceeded maximum inbound message size
  exceeds the maximum
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
`)

export const CONTENT = phrases(`
  headers too large
  header too large
  header size
  header line too
  improper use of 8-bit
  8bit data
  media error
  mime type
  attachment type
  attachment * not allowed
  attachment * blocked
  attachments are not accepted
  banned attachment
  banned filename
  executable attachment
  dangerous attachment
  blocked attachment
  file extension
  file type
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
`)

export const POLICY = phrases(`
  header error
  denied by policy
  against policy
  against our policy
  because of policy
  company policy
  delivery not authorized
  due to * policy
  email policy
  for policy reasons
  policy reasons
  policy reason
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
`)
