//
// Owns: the grammar of MAIL and RCPT with their parameters: RFC 5321 §4.1.1.2 and §4.1.1.3, SIZE (RFC 1870),
// 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531), DSN (RFC 3461), AUTH= (RFC 4954 §5), REQUIRETLS (RFC 8689). Text in, meaning or fault out. Pure.
// Never: asks whether somebody may.

import { type ForwardPath, parseMailbox, type ReversePath, sayAddressFault } from '../../core/address.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Reply } from './replies.ts'
import { parseXtext } from './xtext.ts'

export interface MailCommand {
  readonly reversePath: ReversePath
  readonly smtpUtf8: boolean
  /** What the client says the size will be; null if it says nothing. */
  readonly declaredSize: number | null
  /** RFC 8689 §4.1. */
  readonly requireTls: boolean
  /** RFC 3461 §4.3, §4.4: checked, and kept for who acts on them. */
  readonly ret: 'FULL' | 'HDRS' | null
  readonly envid: string | null
}

export type Notify = 'NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY'

export interface RcptCommand {
  readonly forwardPath: ForwardPath
  readonly notify: readonly Notify[] | null
  readonly orcpt: string | null
}

/** RFC 3461 §4.4. */
const MAX_ENVID_OCTETS = 100
/** RFC 3461 §4.2. */
const MAX_ORCPT_OCTETS = 500
/** RFC 5321 §4.5.3.1.3, with room for the source route that we strip. */
const MAX_PATH_OCTETS = 512

/** RFC 5321 §4.5.3.1.3, without the brackets. */
const MAX_SENDER_OCTETS = 254

const syntax = (text: string): { readonly ok: false; readonly error: Reply } =>
  fault({ code: 501, text: `5.5.4 ${text}` })

/** What stands behind `MAIL FROM:`. REQUIRETLS is known only where it was offered: on a session with TLS (RFC 8689 §3). */
export function parseMail(
  rest: string,
  offered: { readonly requireTls: boolean } = { requireTls: false },
): Result<MailCommand, Reply> {
  const path = splitPath(rest, 'MAIL FROM:<local-part@domain>')
  if (!path.ok) return path
  const parameters = parseParameters(path.value.parameters)
  if (!parameters.ok) return parameters
  const mail = mailParameters(parameters.value, offered)
  if (!mail.ok) return mail
  const { address } = path.value
  if (address === '') return ok({ reversePath: null, ...mail.value })
  if (!isAscii(address) && !mail.value.smtpUtf8) return needsUtf8('sender')
  const mailbox = parseMailbox(address)
  if (!mailbox.ok) return fault({ code: 553, text: `5.1.7 Sender ${sayAddressFault(mailbox.error)}` })
  return ok({ reversePath: mailbox.value, ...mail.value })
}

/** The same with a sender as strangers write them; null: the null reverse-path. */
export interface StrangersMail extends Omit<MailCommand, 'reversePath'> {
  readonly reversePath: string | null
}

/**
 * What stands behind `MAIL FROM:` where nobody is ever written to at the sender: bounces come from `<MAILER-DAEMON>` and
 * `<root@localhost>`, and to refuse those is to lose them (RFC 5321 §4.5.5 wants `<>`; the robustness is ours).
 */
export function parseStrangersMail(rest: string): Result<StrangersMail, Reply> {
  const path = splitPath(rest, 'MAIL FROM:<local-part@domain>', 'any')
  if (!path.ok) return path
  const parameters = parseParameters(path.value.parameters)
  if (!parameters.ok) return parameters
  const mail = mailParameters(parameters.value, { requireTls: false })
  if (!mail.ok) return mail
  const address = path.value.address.trim()
  if (address === '') return ok({ reversePath: null, ...mail.value })
  const mailbox = parseMailbox(address)
  if (mailbox.ok) return ok({ reversePath: mailbox.value, ...mail.value })
  if (Buffer.byteLength(address) <= MAX_SENDER_OCTETS && !/\p{Cc}|\p{Cs}/u.test(address)) {
    return ok({ reversePath: address, ...mail.value })
  }
  return fault({ code: 553, text: `5.1.7 Sender ${sayAddressFault(mailbox.error)}` })
}

/** What stands behind `RCPT TO:`. `<postmaster>` without a domain is ours (RFC 5321 §4.1.1.3). */
export function parseRcpt(
  rest: string,
  context: { readonly smtpUtf8: boolean; readonly hostname: string },
): Result<RcptCommand, Reply> {
  const path = splitPath(rest, 'RCPT TO:<local-part@domain>')
  if (!path.ok) return path
  const parameters = parseParameters(path.value.parameters)
  if (!parameters.ok) return parameters
  const rcpt = rcptParameters(parameters.value)
  if (!rcpt.ok) return rcpt
  const { address } = path.value
  if (!isAscii(address) && !context.smtpUtf8) return needsUtf8('recipient')
  const full = address.toLowerCase() === 'postmaster' ? `postmaster@${context.hostname}` : address
  const mailbox = parseMailbox(full)
  if (!mailbox.ok) return fault({ code: 553, text: `5.1.3 Recipient ${sayAddressFault(mailbox.error)}` })
  return ok({ forwardPath: mailbox.value, notify: rcpt.value.notify, orcpt: rcpt.value.orcpt })
}

/** RFC 6531 §3.5. */
const needsUtf8 = (who: string) =>
  fault({ code: 553, text: `5.6.7 A ${who} beyond ASCII needs the SMTPUTF8 parameter of MAIL` })

// Printable ASCII; control characters were refused with the line.
const isAscii = (text: string): boolean => /^[ -~]*$/.test(text)

function splitPath(
  rest: string,
  want: string,
  quotes: 'closed' | 'any' = 'closed',
): Result<{ readonly address: string; readonly parameters: string }, Reply> {
  // A space behind the colon is wrong and common.
  const text = rest.trimStart()
  let end = text.startsWith('<') ? endOfPath(text) : -1
  if (end === -1 && quotes === 'any' && text.startsWith('<')) end = text.indexOf('>')
  if (end === -1) return syntax(`Want ${want}`)
  const after = text.slice(end + 1)
  if (after !== '' && !after.startsWith(' ')) return syntax(`Want a space behind the path; ${want}`)
  const path = text.slice(1, end)
  if (Buffer.byteLength(path) > MAX_PATH_OCTETS) return syntax('Path is too long')
  return ok({ address: withoutSourceRoute(path), parameters: after.trim() })
}

/** Where `>` closes the path: it may stand inside a quoted local part. */
function endOfPath(text: string): number {
  if (!text.includes('"')) return text.indexOf('>')
  let quoted = false
  for (let at = 1; at < text.length; at++) {
    const character = text[at]
    if (character === '\\' && quoted) at++
    else if (character === '"') quoted = !quoted
    else if (character === '>' && !quoted) return at
  }
  return -1
}

/** `@a,@b:user@c`: must be accepted and should be ignored (RFC 5321 §4.1.2, appendix C). */
function withoutSourceRoute(path: string): string {
  if (!path.startsWith('@')) return path
  const route = /^@[^\s,:@"]+(?:,@[^\s,:@"]+)*:/.exec(path)
  return route ? path.slice(route[0].length) : path
}

type Parameters = ReadonlyMap<string, string | null>

const NO_PARAMETERS: Parameters = new Map()

function parseParameters(text: string): Result<Parameters, Reply> {
  if (text === '') return ok(NO_PARAMETERS)
  const found = new Map<string, string | null>()
  for (const word of text.split(/ +/)) {
    const equals = word.indexOf('=')
    const key = (equals === -1 ? word : word.slice(0, equals)).toUpperCase()
    const value = equals === -1 ? null : word.slice(equals + 1)
    if (!/^[A-Z0-9][A-Z0-9-]*$/.test(key) || value === '') return syntax('Parameters are KEY or KEY=value')
    if (found.has(key)) return syntax(`Parameter ${key} is given twice`)
    found.set(key, value)
  }
  return ok(found)
}

type MailParameters = Omit<MailCommand, 'reversePath'>
const PLAIN_MAIL: MailParameters = {
  smtpUtf8: false,
  declaredSize: null,
  requireTls: false,
  ret: null,
  envid: null,
}

function mailParameters(
  parameters: Parameters,
  offered: { readonly requireTls: boolean },
): Result<MailParameters, Reply> {
  if (parameters.size === 0) return ok(PLAIN_MAIL)
  let read: MailParameters = PLAIN_MAIL
  for (const [key, value] of parameters) {
    if (key === 'REQUIRETLS' && !offered.requireTls) return UNKNOWN_MAIL_PARAMETER
    const next = mailParameter(key, value)
    if (!next.ok) return next
    read = { ...read, ...next.value }
  }
  return ok(read)
}

const UNKNOWN_MAIL_PARAMETER = fault({
  code: 555,
  text: '5.5.4 MAIL parameter is not known; known: SIZE, BODY, SMTPUTF8, RET, ENVID, AUTH, and with TLS REQUIRETLS',
})

function mailParameter(key: string, value: string | null): Result<Partial<MailParameters>, Reply> {
  switch (key) {
    case 'SIZE':
      if (value === null || !/^\d{1,20}$/.test(value)) return syntax('SIZE wants a number of octets')
      return ok({ declaredSize: Number(value) })
    case 'BODY':
      // BINARYMIME needs BDAT (RFC 3030), which is not offered.
      return /^(?:7BIT|8BITMIME)$/i.test(value ?? '') ? ok({}) : syntax('BODY is 7BIT or 8BITMIME')
    case 'SMTPUTF8':
    case 'REQUIRETLS':
      if (value !== null) return syntax(`${key} takes no value`)
      return ok(key === 'SMTPUTF8' ? { smtpUtf8: true } : { requireTls: true })
    case 'AUTH':
      // Whose mail this was before: accepted and not trusted (RFC 4954 §5).
      return value !== null && parseXtext(value) !== null ? ok({}) : syntax('AUTH is xtext or <>')
    default:
      return dsnParameter(key, value)
  }
}

/** RFC 3461 §4.3, §4.4. */
function dsnParameter(key: string, value: string | null): Result<Partial<MailParameters>, Reply> {
  if (key === 'RET') {
    const ret = value?.toUpperCase()
    return ret === 'FULL' || ret === 'HDRS' ? ok({ ret }) : syntax('RET is FULL or HDRS')
  }
  if (key !== 'ENVID') return UNKNOWN_MAIL_PARAMETER
  const envid = value !== null && value.length <= MAX_ENVID_OCTETS ? parseXtext(value) : null
  return envid === null ? syntax('ENVID is at most 100 octets of xtext') : ok({ envid })
}

type RcptParameters = Omit<RcptCommand, 'forwardPath'>
const PLAIN_RCPT: RcptParameters = { notify: null, orcpt: null }

function rcptParameters(parameters: Parameters): Result<RcptParameters, Reply> {
  if (parameters.size === 0) return ok(PLAIN_RCPT)
  let { notify, orcpt } = PLAIN_RCPT
  for (const [key, value] of parameters) {
    if (key === 'NOTIFY') {
      notify = parseNotify(value ?? '')
      if (!notify) return syntax('NOTIFY is NEVER, or a list of SUCCESS, FAILURE, DELAY')
    } else if (key === 'ORCPT') {
      orcpt = parseOrcpt(value ?? '')
      if (orcpt === null) return syntax('ORCPT is an address type, a semicolon and xtext')
    } else {
      return fault({ code: 555, text: '5.5.4 RCPT parameter is not known; known: NOTIFY, ORCPT' })
    }
  }
  return ok({ notify, orcpt })
}

/** RFC 3461 §4.1: NEVER stands alone. */
function parseNotify(value: string): readonly Notify[] | null {
  const words: Notify[] = []
  for (const word of value.toUpperCase().split(',')) {
    if (word !== 'NEVER' && word !== 'SUCCESS' && word !== 'FAILURE' && word !== 'DELAY') return null
    words.push(word)
  }
  return words.includes('NEVER') && words.length > 1 ? null : words
}

function parseOrcpt(value: string): string | null {
  const semicolon = value.indexOf(';')
  const kind = value.slice(0, Math.max(semicolon, 0))
  if (value.length > MAX_ORCPT_OCTETS || !/^[a-z0-9-]+$/i.test(kind)) return null
  const address = parseXtext(value.slice(semicolon + 1))
  return address === null || address === '' ? null : `${kind.toLowerCase()};${address}`
}
