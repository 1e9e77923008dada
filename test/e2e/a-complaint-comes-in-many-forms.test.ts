import { expect, test } from 'bun:test'
import { type Lab, startLab } from '../support/appliance.ts'
import { complaintOf, deliver, lastReturnPath } from '../support/inbound.ts'
import type { AnswerBody } from '../support/lab-answers.ts'

const FBL = 'fbl@mail.lab.test'

const report = (parts: readonly string[], fields = ''): string =>
  `From: fbl@provider.example\nTo: fbl\nSubject: report\nMIME-Version: 1.0\n${fields}` +
  `Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n` +
  `${parts.map((part) => `--b\n${part}`).join('\n')}\n--b--\n`

const WORDS = 'Content-Type: text/plain\n\nThis is a report.\n'
const facts = (more = '', type = 'abuse'): string =>
  `Content-Type: message/feedback-report\n\nFeedback-Type: ${type}\nUser-Agent: Some-FBL/1.0\nVersion: 1\n${more}`

interface Sent {
  /** The message as the MX got it, lines end with LF. */
  readonly message: string
  readonly header: string
  readonly returnPath: string
}

const only = (header: string, names: RegExp): string =>
  header
    .split(/\n(?![ \t])/)
    .filter((field) => names.test(field))
    .join('\n')

const quoted = (text: string): string =>
  text
    .replace(/[=\x80-\xff]/g, (octet) => `=${octet.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/(.{70})/g, '$1=\n')

/** As their writers send them; the recipient is taken out by most. */
const FORMS: Readonly<Record<string, (sent: Sent) => string>> = {
  'Yahoo: the whole message, its recipient redacted': ({ message, returnPath }) =>
    report([
      WORDS,
      facts(
        `Original-Mail-From: <${returnPath}>\nOriginal-Rcpt-To: redacted\nReported-Domain: example.com\n`,
      ),
      `Content-Type: message/rfc822\nContent-Disposition: inline\n\n${message.replace('rcpt@example.net', 'redacted@yahoo.example')}`,
    ]),
  'Microsoft: the message alone, as an attachment': ({ message }) =>
    'From: staff@hotmail.com\nTo: fbl\nSubject: complaint about message from 192.0.2.1\nMIME-Version: 1.0\n' +
    'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: message/rfc822\n' +
    `Content-Disposition: attachment\n\nX-HmXmrOriginalRecipient: rcpt@example.net\n${message}\n--b--\n`,
  'Comcast: header only, Feedback-ID alone left of it': ({ header }) =>
    report([
      WORDS,
      facts('Original-Rcpt-To: <redacted>\nArrival-Date: Fri, 2 Jan 2026 00:00:00 +0000\n'),
      `Content-Type: text/rfc822-headers\n\n${only(header, /^(?:Feedback-ID|Subject|From|Message-ID):/i)}\n`,
    ]),
  'AOL of old: addresses redacted everywhere': ({ header }) =>
    report([
      WORDS,
      facts('Redacted-Address: redacted\nRedacted-Address: redacted@\n'),
      `Content-Type: message/rfc822\n\n${header.replaceAll('rcpt@example.net', '[redacted]')}\n\nHello\n`,
    ]),
  'Italia Online: fields in another order, without Version': ({ message, returnPath }) =>
    report([
      WORDS,
      `Content-Disposition: inline\nContent-Type: message/feedback-report; name="report"\n\nVersion: 0.1\nSource-IP: 192.0.2.1\nOriginal-Mail-From: ${returnPath}\nUser-Agent: FBL/1.0 (Virgilio)\nFeedback-Type: ABUSE\n`,
      `Content-Type: message/rfc822; name="mail.eml"\n\n${message}`,
    ]),
  'CFBL (RFC 9477 §6): the header of the message, with CFBL-Feedback-ID': ({ header }) =>
    report([
      WORDS,
      facts('Reported-Domain: example.com\n'),
      `Content-Type: text/rfc822-headers\n\n${only(header, /^(?:CFBL-Address|CFBL-Feedback-ID|Received|Message-ID):/i)}\n`,
    ]),
  'CFBL in its smallest form: the id beside the facts': ({ header }) =>
    report([
      WORDS,
      facts(`${only(header, /^CFBL-Feedback-ID:/i)}\n`),
      'Content-Type: text/rfc822-headers\n\nSubject: x\n',
    ]),
  'a gateway that changed case': ({ header }) =>
    report([
      WORDS,
      facts(),
      `Content-Type: text/rfc822-headers\n\n${only(header, /^(?:CFBL-)?Feedback-ID:/i).toUpperCase()}\n`,
    ]),
  'a gateway that folded': ({ header }) =>
    report([
      WORDS,
      facts(),
      `Content-Type: text/rfc822-headers\n\n${only(header, /^CFBL-Feedback-ID:/i).replace(': ', ':\n\t')}\n\tx\n`,
    ]),
  'a gateway that encoded the message as quoted-printable': ({ message }) =>
    report([
      WORDS,
      facts(),
      `Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n${quoted(message)}`,
    ]),
  'a gateway that encoded the message as base64': ({ message }) =>
    report([
      WORDS,
      facts(),
      `Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n${Buffer.from(message)
        .toString('base64')
        .replace(/(.{76})/g, '$1\n')}\n`,
    ]),
  'a report without report-type, its facts as text': ({ header }) =>
    `From: abuse@isp.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n` +
    `Content-Type: text/plain\n\nFeedback-Type: abuse\nUser-Agent: isp/1\nVersion: 1\n\n--b\nContent-Type: message/rfc822\n\n${header}\n\nx\n--b--\n`,
}

async function deliveredBy(lab: Lab): Promise<Sent & { readonly id: string }> {
  const id = await lab.sent()
  await lab.ended(id)
  const message = (lab.mx.messages.at(-1)?.bytes.toString('latin1') ?? '').replaceAll('\r\n', '\n')
  return { id, message, header: message.slice(0, message.indexOf('\n\n')), returnPath: lastReturnPath(lab) }
}

const told = (view: AnswerBody) => view.events.filter(({ event }) => event === 'email.complained')

test.each(Object.keys(FORMS))('%s', async (name) => {
  await using lab = await startLab()
  const sent = await deliveredBy(lab)
  const message = FORMS[name]?.(sent) ?? ''
  expect(await deliver(lab, { from: 'fbl@provider.example', to: [FBL], message })).toStartWith('250')
  expect(told(await lab.message(sent.id))).toMatchObject([
    { recipient: 'rcpt@example.net', feedback_type: 'abuse' },
  ])
})

test('one person is one complaint, however often and by whatever program it is told', async () => {
  await using lab = await startLab()
  const { header, id } = await deliveredBy(lab)
  const original = `Content-Type: text/rfc822-headers\n\n${header}\n`
  for (let at = 0; at < 5; at++) {
    const message = report([WORDS, facts().replace('Some-FBL', `Other${at}`), original])
    expect(await deliver(lab, { to: [FBL], message })).toStartWith('250')
  }
  for (let at = 0; at < 5; at++) {
    const message = report([WORDS, facts('', `kind-${at}`), original])
    expect(await deliver(lab, { to: [FBL], message })).toStartWith('250')
  }
  const types = told(await lab.message(id)).map((event) =>
    'feedback_type' in event ? event.feedback_type : null,
  )
  expect(types).toEqual(['abuse', 'other'])
})

test.each(['not-spam', 'auth-failure', 'dmarc'])('%s is no complaint', async (type) => {
  await using lab = await startLab()
  const { header, id } = await deliveredBy(lab)
  const message = report([WORDS, facts('', type), `Content-Type: text/rfc822-headers\n\n${header}\n`])
  expect(await deliver(lab, { to: [FBL], message })).toStartWith('250')
  expect(told(await lab.message(id))).toEqual([])
})

test('a wish to hear no more is told as such', async () => {
  await using lab = await startLab()
  const { header, id } = await deliveredBy(lab)
  const message = report([WORDS, facts('', 'opt-out'), `Content-Type: text/rfc822-headers\n\n${header}\n`])
  expect(await deliver(lab, { to: [FBL], message })).toStartWith('250')
  expect(told(await lab.message(id))).toMatchObject([{ feedback_type: 'opt-out' }])
})

test('a token of another server, and one whose message was exchanged, name nothing', async () => {
  await using lab = await startLab()
  const first = await deliveredBy(lab)
  const second = await deliveredBy(lab)
  const stamp = /f([0-9a-z]{12})-/.exec(first.header)?.[1] ?? ''
  const other = /f([0-9a-z]{12})-/.exec(second.header)?.[1] ?? ''
  expect(stamp).not.toBe(other)
  const swapped = only(first.header, /Feedback-ID:/).replaceAll(stamp, other)
  expect(await deliver(lab, { to: [FBL], message: complaintOf(swapped) })).toStartWith('250')
  expect([...told(await lab.message(first.id)), ...told(await lab.message(second.id))]).toEqual([])
})
