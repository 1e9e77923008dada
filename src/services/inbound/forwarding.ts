//
// Owns: passing mail on to people: a notice of ours with the original attached. A copy under its author's name would
// fail the author's DMARC policy at the next host, and its bounces would go to a stranger.
// Never: passes on what machines wrote about mail, or what we passed on before (RFC 3834 §2, RFC 5321 §6.3).

import { type Mailbox, parseMailbox } from '../../core/address.ts'
import type { Fields } from '../../mail/bounces/fields.ts'
import { decodeEncodedWords } from '../../mail/mime/encoded-word.ts'
import type { NoticeSender } from '../notices/notices.ts'
import { type Intake, type Letterbox, later, taken } from './incoming.ts'
import type { LetterReader } from './reader.ts'

export interface ForwardParts {
  readonly notices: NoticeSender
  /** server.hostname: our mark on what we have passed on. */
  readonly hostname: string
}

const LOOP_FIELD = 'X-Loop'
const MAX_SUBJECT = 200

export interface Forward {
  readonly to: Mailbox
  /** The address that it was sent to. */
  readonly recipient: Mailbox
  readonly letter: Letterbox & {
    /** Made once, whoever it goes to. */
    readonly enclosure: () => ReturnType<LetterReader['enclosure']>
  }
}

/**
 * Written by us, or by a machine about mail: to pass it on could come back. What a machine writes of itself (auto-generated,
 * RFC 3834 §5: invoices, alarms, a provider's confirmation or abuse report) answers nothing, and a person waits for it.
 */
export function mustNotTravel(letter: Letterbox, hostname: string): boolean {
  const { header, reversePath } = letter
  if (header.all(LOOP_FIELD.toLowerCase()).some((mark) => mark.toLowerCase() === hostname)) return true
  return (
    reversePath === null || header.all('auto-submitted').some((field) => /^\s*auto-replied\b/i.test(field))
  )
}

export async function forward(
  { hostname, notices }: ForwardParts,
  { to, recipient, letter }: Forward,
): Promise<Intake> {
  const { address, digest, header, reversePath } = letter
  const sender = reversePath ?? 'the null reverse-path'
  const author = authorOf(header) ?? plainMailbox(reversePath ?? '')
  const enclosed = await letter.enclosure()
  if (!enclosed.ok) return later('too much waits to be read')
  const sent = await notices.send({
    to,
    subject: `[${recipient}] ${subjectOf(header)}`,
    text:
      `This message for ${recipient} came from ${sender} by [${address}].\n` +
      'It is attached as it was received; nobody else has it.\n',
    parts: [{ filename: 'message.eml', description: 'The message', ...enclosed.value }],
    headers: { [LOOP_FIELD]: hostname, ...(author === null ? {} : { 'Reply-To': author }) },
    kind: 'forward',
    key: `forward:${digest()}:${recipient}:${to}`,
  })
  return sent.ok ? taken('forwarded') : later(sent.error)
}

const subjectOf = (header: Fields): string =>
  decodeEncodedWords(header.get('subject') ?? '(no subject)')
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, MAX_SUBJECT)
    .toWellFormed()

/** Where an answer goes. Only a plain address: names are for the attached original. */
function authorOf(header: Fields): Mailbox | null {
  const field = header.get('reply-to') ?? header.get('from') ?? ''
  const written = /<([^<>\s]{3,254})>/.exec(field)?.[1] ?? field.trim()
  return plainMailbox(written)
}

function plainMailbox(text: string): Mailbox | null {
  const mailbox = parseMailbox(text)
  return mailbox.ok && /^[!-~]+$/.test(mailbox.value) ? mailbox.value : null
}
