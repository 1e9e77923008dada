import { expect, test } from 'bun:test'
import { simpleParser } from 'mailparser'
import { type Lab, startLab } from '../support/appliance.ts'
import { asked, deliver, letter } from '../support/inbound.ts'
import { until } from '../support/until.ts'

const FROM = 'ann@stranger.example'
const DNS = { 'operator.test': { MX: [[10, 'mx.example.net']] } } as const

async function arrived(lab: Lab, count = 1) {
  await until(`${count} arrived`, () => lab.mx.messages.length === count)
  const { bytes, forwardPaths, reversePath } = lab.mx.messages[count - 1] ?? {}
  return { forwardPaths, reversePath, mail: await simpleParser(bytes ?? Buffer.alloc(0)) }
}

test.each([
  'postmaster@mail.lab.test',
  'abuse@mail.lab.test',
  'Postmaster@example.com',
  'abuse@bounce.example.com',
  'postmaster',
])('%s reaches the operator, with the message attached', async (path) => {
  await using lab = await startLab({ dns: DNS })
  const message = letter('X-Mark: 1\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=')
  expect(await deliver(lab, { from: FROM, to: [path], message })).toBe('250 2.0.0 Ok')
  const { forwardPaths, mail, reversePath } = await arrived(lab)
  expect(forwardPaths).toEqual(['ops@operator.test'])
  // A notice: nothing comes back to it.
  expect(reversePath).toBe('')
  expect(mail.headers.get('auto-submitted')).toBe('auto-generated')
  expect(mail.replyTo?.text).toBe(FROM)
  const [original] = mail.attachments
  expect(original?.contentType).toBe('message/rfc822')
  const text = original?.content.toString() ?? ''
  expect(text).toStartWith('Received: from mx.stranger.example')
  expect(text).toContain('X-Mark: 1')
})

test.each(['fbl@mail.lab.test', 'abuse@example.com'])(
  'what a provider’s machine writes to %s reaches the operator',
  async (path) => {
    await using lab = await startLab({ dns: DNS })
    const message = letter('Auto-Submitted: auto-generated')
    expect(await deliver(lab, { from: FROM, to: [path], message })).toStartWith('250')
    const { mail } = await arrived(lab)
    expect(mail.subject).toBe(`[${path}] A question`)
  },
)

test('twice the same is forwarded once', async () => {
  await using lab = await startLab({ dns: DNS })
  const mail = { from: FROM, to: ['abuse@mail.lab.test'], message: letter() }
  for (let times = 0; times < 2; times++) expect(await deliver(lab, mail)).toStartWith('250')
  expect(await deliver(lab, { ...mail, message: letter('X-Other: 1') })).toStartWith('250')
  await arrived(lab, 2)
})

test.each([
  ['a bounce', null, letter()],
  ['an automatic answer', FROM, letter('Auto-Submitted: auto-replied')],
  ['what was forwarded before', FROM, letter('X-Loop: mail.lab.test')],
])('%s is taken and goes no further', async (_, from, message) => {
  await using lab = await startLab({ dns: DNS })
  expect(await deliver(lab, { from, to: ['postmaster@mail.lab.test'], message })).toStartWith('250')
  expect(
    await deliver(lab, { from: FROM, to: ['postmaster@mail.lab.test'], message: letter('X: y') }),
  ).toStartWith('250')
  const { mail } = await arrived(lab)
  expect(mail.attachments[0]?.content.toString()).toContain('X: y')
})

test('a loop ends after fifty hosts', async () => {
  await using lab = await startLab({ dns: DNS })
  const message = letter('Received: from a by b; Fri, 2 Jan 2026 00:00:00 +0000\n'.repeat(51).trimEnd())
  expect(await deliver(lab, { from: FROM, to: ['abuse@mail.lab.test'], message })).toStartWith('550 5.4.6')
})

test('a flood is asked to come again later', async () => {
  await using lab = await startLab({ dns: DNS })
  const send = (at: number) =>
    deliver(lab, { from: FROM, to: ['abuse@mail.lab.test'], message: letter(`X-Number: ${at}`) })
  for (let at = 0; at < 10; at++) expect(await send(at)).toStartWith('250')
  expect(await send(10)).toStartWith('451 4.3.0')
  await lab.advance(10 * 60_000)
  expect(await send(10)).toStartWith('250')
})

test('without an operator there is nobody, and that is said at RCPT', async () => {
  await using lab = await startLab({ config: { 'server.operator': '' } })
  expect(await asked(lab, 'postmaster@mail.lab.test')).toStartWith('550 5.1.1')
})
