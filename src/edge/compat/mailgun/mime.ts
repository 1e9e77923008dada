//
// Owns: from a finished message that came by Mailgun's form to POST /v1/email/raw. Options of the form become the fields by
// which they are said over SMTP, in front of the message; the door takes them out again. Pure.

import { scanMessage } from '../../../mail/mime/scan.ts'
import type { FieldFault } from '../../../services/submission/refusal.ts'
import { mailboxesAt } from '../addresses.ts'
import type { Form } from '../body.ts'
import { Fields } from '../fields.ts'
import type { Json } from '../values.ts'
import { MAILGUN_MIME } from './fields.ts'
import { FormReader, jsonOrText } from './form.ts'

const FIELDS = new Fields(MAILGUN_MIME)

export function readMime(form: Form, faults: FieldFault[]): Json {
  faults.push(
    ...FIELDS.faults(Object.fromEntries([...form].map(([name, values]) => [name, values[0] ?? '']))),
  )
  const read = new FormReader(form, faults)
  const to = read.people('to')
  if (to.length === 0) faults.push({ path: 'to', code: 'required', message: 'is required' })
  const message = messageIn(form, faults)
  const options = optionsOf(read, faults)
  return {
    from: authorOf(message, faults),
    to: to.map(({ mailbox }) => mailbox),
    raw: Buffer.concat([Buffer.from(withEndsOf(message, options)), message]).toString('base64'),
  }
}

function messageIn(form: Form, faults: FieldFault[]): Buffer {
  const [value, ...others] = form.get('message') ?? []
  if (value === undefined || others.length > 0) {
    faults.push({ path: 'message', code: 'required', message: 'is required, once' })
    return Buffer.alloc(0)
  }
  return typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.bytes)
}

/** Whom bounces concern: the author, as the message says. */
function authorOf(message: Buffer, faults: FieldFault[]): string {
  const scanned = scanMessage(asLines(message))
  const from = scanned.ok ? scanned.value.value('from') : null
  const [author] = from === null ? [] : mailboxesAt(from.replace(/\r?\n/g, ''), 'message', faults)
  if (author === undefined && faults.length === 0) {
    faults.push({ path: 'message', code: 'invalid_sender', message: 'has no From that names an address' })
  }
  return author?.mailbox ?? ''
}

/** Its header, with the line ends of mail; enough to look at. */
function asLines(message: Buffer): Buffer {
  const start = message.subarray(0, 128 * 1024).toString('latin1')
  return Buffer.from(start.includes('\r\n') ? start : start.replaceAll('\n', '\r\n'), 'latin1')
}

function optionsOf(read: FormReader, faults: FieldFault[]): string[] {
  const opens = read.flag('o:tracking-opens') ?? read.flag('o:tracking')
  const clicks = read.flag('o:tracking-clicks') ?? read.flag('o:tracking')
  const tags = read.texts('o:tag').filter((tag) => tag !== '')
  const custom = read.family('v:', jsonOrText)
  const lines: string[] = []
  const say = (name: string, path: string, value: unknown): void => {
    if (value === undefined || value === '') return
    const text = String(value)
    // RFC 5322 §2.1.1; what a line cannot hold is not cut.
    if (!/^[ -~]*$/.test(text) || text.length > 900) {
      faults.push({ path, code: 'invalid', message: 'wants at most 900 printable ASCII characters here' })
      return
    }
    lines.push(`X-MailWok-${name}: ${text}`)
  }
  if (tags.some((tag) => tag.includes(','))) {
    faults.push({ path: 'o:tag', code: 'invalid', message: 'holds a comma' })
  }
  say('Tags', 'o:tag', tags.length === 0 ? undefined : tags.join(', '))
  say('Custom', 'v:', custom === undefined ? undefined : asciiJson(custom))
  say('Track-Opens', 'o:tracking-opens', opens)
  say('Track-Clicks', 'o:tracking-clicks', clicks)
  say('IP-Pool', 'o:sending-ip-pool', read.text('o:sending-ip-pool'))
  say('Scheduled-At', 'o:deliverytime', read.time('o:deliverytime'))
  return lines
}

const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[^ -~]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** A mixture of line ends would be refused. */
const withEndsOf = (message: Buffer, lines: readonly string[]): string => {
  const end = message.includes('\r\n') ? '\r\n' : '\n'
  return lines.map((line) => line + end).join('')
}
