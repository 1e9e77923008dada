//
// Owns: the session's standing replies (RFC 5321 §4.2, RFC 3463).

import type { BodyFlaw } from './body-reader.ts'
/** Code, and text with the enhanced status in front. One line. */
export interface Reply {
  readonly code: number
  readonly text: string
}

const reply = (code: number, text: string): Reply => ({ code, text })

export const SENDER_OK = reply(250, '2.1.0 Ok')
export const RECIPIENT_OK = reply(250, '2.1.5 Ok')
export const RESET = reply(250, '2.0.0 Ok')
/** RFC 5321 §3.5.3: 252 tells nothing about who exists. */
export const VRFY = reply(252, '2.1.5 Send some mail, and it will be tried')
export const HELP = reply(214, '2.0.0 RFC 5321 and RFC 6409 say what can be said here')
/** RFC 2034 §4: no enhanced status for 3yz. */
export const START_MAIL = reply(354, 'End with <CR><LF>.<CR><LF>')

export const TIMEOUT = reply(421, '4.4.2 Waited too long, closing the connection')
export const TOO_SLOW = reply(421, '4.4.2 The message comes too slowly, closing the connection')
export const SHUTTING_DOWN = reply(421, '4.3.2 The service is shutting down, come again soon')
export const TOO_MANY_ERRORS = reply(421, '4.7.0 Too many errors, closing the connection')
export const TOO_MANY_AUTH_FAILURES = reply(421, '4.7.0 Too many failed attempts, closing the connection')
export const TOO_MANY_STRANGERS = reply(421, '4.7.0 Too many connections that did not authenticate')
export const TOO_MANY_CONNECTIONS = reply(421, '4.7.0 Too many connections, try again later')
export const NOT_YOUR_DOOR = reply(554, '5.7.1 This port is for the local networks alone')
export const NOT_HTTP = reply(421, '4.7.0 This is SMTP')

export const NEED_EHLO = reply(503, '5.5.1 Send EHLO first')
export const NEED_MAIL = reply(503, '5.5.1 Need MAIL first')
export const NEED_RCPT = reply(503, '5.5.1 Need RCPT first')
export const NESTED_MAIL = reply(503, '5.5.1 MAIL was given already')
export const NEED_TLS = reply(530, '5.7.0 Must issue a STARTTLS command first')
export const KEY_REVOKED = reply(550, '5.7.1 The key of this session was revoked. Nothing was accepted')
export const NEED_AUTH = reply(530, '5.7.0 Authentication required')
export const AUTH_NEEDS_TLS = reply(538, '5.7.11 AUTH needs TLS')
export const TLS_ACTIVE = reply(503, '5.5.1 TLS is active already')
export const NO_TLS = reply(502, '5.5.1 STARTTLS is not offered here')
export const AUTH_IN_TRANSACTION = reply(503, '5.5.1 AUTH is not possible within a mail transaction')
export const BAD_HELO = reply(501, '5.5.4 Want EHLO and the name of your host')
export const BAD_MAIL = reply(501, '5.5.4 Want MAIL FROM:<local-part@domain>')
export const BAD_RCPT = reply(501, '5.5.4 Want RCPT TO:<local-part@domain>')
export const NO_ARGUMENT = reply(501, '5.5.4 This command takes no argument')
export const UNKNOWN_COMMAND = reply(500, '5.5.1 Command is not known')
export const NOT_OFFERED = reply(502, '5.5.1 Command is not offered')
export const STRAY_OCTET = reply(500, '5.5.2 Control character in a command; lines end with CR LF alone')
export const NO_UTF8 = reply(501, '5.5.2 Command is no valid UTF-8')
export const LINE_TOO_LONG = reply(500, '5.5.2 Line is too long')

/** Port 25: nobody submits here, and nobody is told who exists beyond that (T5). */
export const NO_AUTH_HERE = reply(502, '5.5.1 AUTH is not offered here; mail is submitted on port 587')
export const NO_DSN_HERE = reply(555, '5.5.4 DSN is not offered here')
export const EARLY_TALKER = reply(554, '5.5.1 The greeting was not waited for')
export const NO_SUCH_MAILBOX = reply(550, '5.1.1 There is no such mailbox')
export const MAILBOX_CLOSED = reply(550, '5.2.1 The mailbox is closed: nobody fetches its mail')
export const NO_RELAY = reply(550, '5.7.1 Relaying denied: this host takes no mail for that domain')
export const MESSAGE_TAKEN = reply(250, '2.0.0 Ok')
export const COME_AGAIN = reply(451, '4.3.0 Not possible now, try again later')

export const NO_ROOM = reply(452, '4.3.1 No room for this message now, try again later')
export const NO_ACCOUNT = reply(451, '4.3.0 The account of this network is not there')
export const TOO_MANY_RECIPIENTS = reply(
  452,
  '4.5.3 Too many recipients; send to the others with a further message',
)
export const INTERNAL = reply(451, '4.3.0 Local error, try again later')

export const tooLarge = (max: number): Reply => reply(552, `5.3.4 Message exceeds the limit of ${max} octets`)

const FLAW: Readonly<Record<BodyFlaw, string>> = {
  'bare-lf': 'bare LF',
  'bare-cr': 'bare CR',
  nul: 'NUL',
}

/** RFC 5321 §2.3.8, §4.1.1.4. */
export const flawed = (flaw: BodyFlaw): Reply =>
  reply(550, `5.6.0 Message contains a ${FLAW[flaw]}; lines end with CR LF alone. Nothing was accepted`)
