//
// Owns: whether a message speaks for a mail server, and which of its text is the notice: what stands before the
// original message.

import { decodeEncodedWords } from '../mime/encoded-word.ts'
import { htmlToWords } from './html-words.ts'
import type { ReturnedMessage } from './message-parts.ts'
import { folded, matchesAny, phrases } from './phrase.ts'

const FROM_A_SERVER = phrases(`
  mailer-daemon
  mailer daemon
  mailerdaemon
  mail delivery
  mail deliver
  mail.delivery
  delivery subsystem
  postmaster
  post_master
  post.master
  system administrator
  mail administrator
  mail subsystem
  microsoft outlook
  microsoftexchange
  mdaemon
  no-reply@sns.amazonaws
  pmdf
  smtp delivery
  mail system
  mail router
  symantec
  interscan
  mailmarshal
  returned mail
  mxlogic
`)

const SUBJECTS = phrases(`
  undeliver
  undelivered
  delivery status notification
  delivery notification
  delivery failure
  delivery failed
  delivery has failed
  delivery report
  delivery problem
  delivery error
  mail delivery
  mail failure
  mail system error
  message delivery
  failure notice
  failure delivery
  failure to deliver
  failed delivery
  returned mail
  returned to sender
  returning message to sender
  non-deliver
  not delivered
  could not be delivered
  couldn't be delivered
  could not send message
  unable to deliver
  there was an error sending your mail
  warning: could not send
  warning: message
  unzustellbar
  nicht zugestellt
  non remis
  non remise
  échec de la remise
  no se puede entregar
  no entregado
  mancato recapito
  nao entregue
  loop alert
  mail error
  postfix smtp server: errors
  re:test message
`)

/** A server wrote it. Whether it reports a failure is for the readers of its text to say. */
export function isFromServer(message: ReturnedMessage): boolean {
  const { header } = message
  const from = `${header.get('from') ?? ''} ${header.get('sender') ?? ''}`.toLowerCase()
  if (header.has('x-failed-recipients') || header.has('x-mlserver')) return true
  if (message.parameters.get('report-type')?.toLowerCase() === 'delivery-status') return true
  if (isListMail(message) || isPersonsAnswer(message, from)) return false
  if (isServersName(from)) return true
  const returnPath = header.get('return-path')
  const subject = subjectOf(message)
  if (returnPath === '<>' || from.trim() === '<>') return true
  // Who can be answered is a person that asks about a notice, and repeats its subject.
  return (
    (returnPath === null || isServersName(returnPath.toLowerCase())) &&
    !ANSWERS.test(subject) &&
    matchesAny(subject, SUBJECTS)
  )
}

const ANSWERS = /^(?:re|aw|fwd?|wg|sv|tr|rv|antw)\s?:/

/** What goes to subscribers (RFC 2919, RFC 2369) is written for them, bounces of members too. */
const isListMail = ({ header }: ReturnedMessage): boolean =>
  header.has('list-id') || header.has('list-unsubscribe')

/** People read a postmaster's mail, and answer. */
function isPersonsAnswer(message: ReturnedMessage, from: string): boolean {
  const { header } = message
  const returnPath = header.get('return-path')
  if (returnPath === null || returnPath === '<>' || from.includes('mailer-daemon')) return false
  return (header.has('in-reply-to') || header.has('references')) && ANSWERS.test(subjectOf(message))
}

/** The word is also a name of firms: it counts in the local part alone. */
const BOUNCES = /(?:^|[<\s"])[\w.+=-]{0,64}bounce[\w.+=-]{0,64}@/

const isServersName = (from: string): boolean =>
  matchesAny(from.slice(0, 1000), FROM_A_SERVER) || BOUNCES.test(from.slice(0, 1000))

/** It says that it is a server; a null return path alone has every automatic answer too (RFC 3834 §3.3). */
export function hasServersName(message: ReturnedMessage): boolean {
  const { header } = message
  if (header.has('x-failed-recipients') || header.has('x-mlserver')) return true
  const from = `${header.get('from') ?? ''} ${header.get('sender') ?? ''}`.toLowerCase()
  return isServersName(from) && !answersByItself(message, from)
}

/** A shop's answering machine may be called "Mail delivery"; a daemon does not answer a subject. */
const answersByItself = (message: ReturnedMessage, from: string): boolean =>
  ANSWERS.test(subjectOf(message)) &&
  message.header.get('auto-submitted')?.toLowerCase().startsWith('auto-replied') === true &&
  !/(?:daemon|postmaster)@/.test(from)

/** Nobody but a server has the null return path and such a name. */
export function isFromDaemon(message: ReturnedMessage): boolean {
  const from = message.header.get('from')?.toLowerCase() ?? ''
  return (
    from.includes('mailer-daemon') ||
    (message.header.get('return-path') === '<>' && from.includes('postmaster'))
  )
}

export const subjectOf = (message: ReturnedMessage): string =>
  folded(decodeEncodedWords((message.header.get('subject') ?? '').slice(0, 1000)))

/** Notices are short; what follows repeats or quotes. */
const MAX_NOTICE_CHARACTERS = 32 * 1024
const MAX_LINE_CHARACTERS = 2000

/** The lines of the notice, without the original. */
export function noticeLines(message: ReturnedMessage): readonly string[] {
  const plain = message.parts.filter((part) => part.type.startsWith('text/plain') && part.text.trim() !== '')
  const parts = plain.length > 0 ? plain : message.parts.filter((part) => part.type === 'text/html')
  const text = parts
    .map((part) => (part.type === 'text/html' ? htmlToWords(part.text) : part.text))
    .join('\n\n')
    .slice(0, MAX_NOTICE_CHARACTERS)
  const lines = text.split('\n').map((line) => line.slice(0, MAX_LINE_CHARACTERS))
  return lines.slice(0, originalStart(lines))
}

const SEPARATORS = phrases(`
  below this line is a copy of the message
  enclosed is a copy of the message
  below is a copy of the original
  this is a copy of the message
  this is a copy of your message
  this is a copy of the first
  a copy of the message header
  included is a copy of the message
  here is a copy of
  original message follows
  original message header
  original message -----
  original mail info
  --original message
  ----original message
  -- original message
  unsent message
  message headers follow
  header of the original message
  headers of the original message
  returned message -
  message header follows
  message text follows
  the original message was:
  text of your message
  received: from
  begin forwarded message
  rejected message header
  message non-deliverable
`)

/** The line where the original begins: a separator that servers write, or the first trace field of a header. */
export function originalStart(lines: readonly string[]): number {
  for (let at = 1; at < lines.length; at++) {
    const line = folded(lines[at] ?? '')
    if (line.length >= 12 && line.length < 200 && matchesAny(line, SEPARATORS)) return at
    if (line.startsWith('received:') || line.startsWith('return-path:')) return at
  }
  return lines.length
}
