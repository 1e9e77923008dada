import { expect, test } from 'bun:test'
import { idIn, type Lab, startLab } from '../support/appliance.ts'
import { bounceOf, complaintOf, deliver, lastReturnPath } from '../support/inbound.ts'
import { type AnswerBody, story } from '../support/lab-answers.ts'

const FBL = 'fbl@mail.lab.test'

async function sentTo(lab: Lab, fields: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const id = await lab.sent(fields)
  await lab.ended(id)
  return id
}

/** The header that the MX got, or some of its fields. */
function headerOf(lab: Lab, keep: RegExp = /./): string {
  const text = lab.mx.messages.at(-1)?.bytes.toString('latin1') ?? ''
  const fields = text.slice(0, text.indexOf('\r\n\r\n')).split(/\r\n(?![ \t])/)
  return fields.filter((field) => keep.test(field)).join('\r\n')
}

const complained = (view: AnswerBody): readonly string[] =>
  view.events.filter((event) => event.event.endsWith('complained')).map((event) => event.recipient)

test.each([
  ['Feedback-ID', /^(?:Feedback-ID|From):/],
  ['CFBL-Feedback-ID', /^CFBL-Feedback-ID:/],
])('by %s, sent to the address for all complaints', async (_, keep) => {
  await using lab = await startLab()
  const id = await sentTo(lab)
  const message = complaintOf(headerOf(lab, keep))
  expect(await deliver(lab, { from: 'fbl@provider.example', to: [FBL], message })).toStartWith('250')
  const view = await lab.message(id)
  expect(complained(view)).toEqual(['rcpt@example.net'])
  expect(view.deliveries[0]?.status).toBe('delivered')
  // Told twice is one complaint.
  await deliver(lab, { from: 'fbl@provider.example', to: [FBL], message })
  expect(complained(await lab.message(id))).toHaveLength(1)
})

test('by the return path that the report quotes', async () => {
  await using lab = await startLab()
  const id = await sentTo(lab)
  const message = complaintOf('Subject: redacted', `Original-Mail-From: <${lastReturnPath(lab)}>\n`)
  expect(await deliver(lab, { to: [FBL], message })).toStartWith('250')
  expect(complained(await lab.message(id))).toEqual(['rcpt@example.net'])
})

test('of several recipients by the one that the report names', async () => {
  await using lab = await startLab()
  const id = await sentTo(lab, { to: ['a@example.net', 'b@example.net'] })
  const header = headerOf(lab, /^CFBL-Feedback-ID:/)
  const nobody = complaintOf(header)
  expect(await deliver(lab, { to: [FBL], message: nobody })).toStartWith('250')
  expect(complained(await lab.message(id))).toEqual([])
  const named = complaintOf(header, 'Original-Rcpt-To: <B@example.net>\n')
  expect(await deliver(lab, { to: [FBL], message: named })).toStartWith('250')
  expect(complained(await lab.message(id))).toEqual(['b@example.net'])
})

test('a token that we did not make names nothing, and a Message-ID alone proves nothing', async () => {
  await using lab = await startLab()
  const id = await sentTo(lab)
  const forged = headerOf(lab, /^(?:CFBL-Feedback-ID|Message-ID):/).replace(
    /-[0-9a-f]{20}/,
    `-${'0'.repeat(20)}`,
  )
  expect(forged).toContain(id)
  expect(await deliver(lab, { to: [FBL], message: complaintOf(forged) })).toStartWith('250')
  expect(story(await lab.message(id))).toEqual(['queued', 'delivered'])
})

test('a complaint that comes to the return path itself counts', async () => {
  await using lab = await startLab()
  const id = await sentTo(lab)
  const to = [lastReturnPath(lab)]
  expect(await deliver(lab, { to, message: complaintOf('Subject: x') })).toStartWith('250')
  expect(complained(await lab.message(id))).toEqual(['rcpt@example.net'])
})

test('the tokens are signed, stand once, and a Feedback-ID of the client stays as it was', async () => {
  await using lab = await startLab()
  await sentTo(lab, { headers: { 'Feedback-ID': 'mine:me' } })
  expect(headerOf(lab, /^Feedback-ID:/)).toBe('Feedback-ID: mine:me')
  expect(headerOf(lab, /^DKIM-Signature:/)).toContain('CFBL-Feedback-ID')
  await lab.ended(idIn(await lab.submit({ subject: 's', text: 't' })))
  const fields = headerOf(lab, /^(?:CFBL-)?Feedback-ID:/).split('\r\n')
  expect(fields.map((field) => field.split(':')[0])).toEqual(['Feedback-ID', 'CFBL-Feedback-ID'])
  expect(fields[0]).toMatch(/^Feedback-ID: f[0-9a-z]{12}-[0-9a-f]{20}:acc_\w+:transactional:[0-9a-f]{12}$/)
  const verdicts = await lab.dkim(lab.mx.messages.at(-1)?.bytes ?? Buffer.alloc(0))
  expect(verdicts.map((verdict) => verdict.result)).toEqual(['pass', 'pass'])
})

test('a bounce is no complaint, wherever it goes', async () => {
  await using lab = await startLab()
  const id = await sentTo(lab)
  expect(await deliver(lab, { to: [FBL], message: bounceOf('rcpt@example.net') })).toStartWith('250')
  expect(story(await lab.message(id))).toEqual(['queued', 'delivered'])
})
