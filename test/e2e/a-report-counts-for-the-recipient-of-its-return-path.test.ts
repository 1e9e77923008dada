import { expect, test } from 'bun:test'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { bounceOf, deliver, lastReturnPath } from '../support/inbound.ts'
import { story } from '../support/lab-answers.ts'

interface Said {
  readonly of: string
  readonly action: string
  readonly status: string
  readonly original?: string
}

/** RFC 3464 with a block per recipient. */
const dsn = (...recipients: readonly Said[]): string =>
  `From: MAILER-DAEMON@mx.example.net
To: sender
Subject: Delivery Status Notification
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

See below.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
${recipients
  .map(
    ({ of, action, status, original }) =>
      `\n${original ? `Original-Recipient: rfc822;${original}\n` : ''}Final-Recipient: rfc822; ${of}\nAction: ${action}\nStatus: ${status}\n${action === 'failed' ? `Diagnostic-Code: smtp; 550 ${status} <${of}> no\n` : ''}`,
  )
  .join('')}
--b--
`

const OURS = 'rcpt@example.net'
const failed = (of: string, status = '5.1.1') => ({ of, action: 'failed', status })

async function delivered(lab: Lab) {
  const id = await lab.sent({ to: OURS })
  await lab.ended(id)
  return { id, path: lastReturnPath(lab) }
}

test.each<[string, readonly Said[], string | null]>([
  ['the mailbox that it was forwarded to', [failed('secret@elsewhere.example')], '5.1.1'],
  [
    'one of two that it was forwarded to',
    [{ of: 'a@x.example', action: 'relayed', status: '2.0.0' }, failed('b@y.example', '5.2.2')],
    '5.2.2',
  ],
  [
    'the other mailbox by its original name',
    [failed('a@x.example', '5.2.2'), { ...failed('b@y.example', '5.1.10'), original: 'RCPT@example.net' }],
    '5.1.10',
  ],
  ['ours behind another one', [failed('a@x.example', '5.2.2'), failed('Rcpt@Example.net')], '5.1.1'],
  [
    'another one, while ours has it',
    [failed('a@x.example'), { of: OURS, action: 'delivered', status: '2.0.0' }],
    null,
  ],
  [
    'another one, while ours waits',
    [failed('a@x.example'), { of: OURS, action: 'delayed', status: '4.4.1' }],
    null,
  ],
])('a report that %s failed', async (_, recipients, status) => {
  await using lab = await startLab()
  const { id, path } = await delivered(lab)
  expect(await deliver(lab, { to: [path], message: dsn(...recipients) })).toStartWith('250')
  const view = await lab.message(id)
  if (status === null) {
    expect(story(view)).toEqual(['queued', 'delivered'])
    return
  }
  const event = view.events.at(-1)
  expect(event).toMatchObject({ event: 'email.bounced', recipient: OURS, late: true })
  expect(event?.bounce.enhanced_code).toBe(status)
  expect(event?.bounce.diagnostic).toContain(`550 ${status}`)
})

test('a full mailbox is soft, ends the delivery and stops nothing', async () => {
  await using lab = await startLab()
  const { id, path } = await delivered(lab)
  const message = bounceOf(OURS, { status: '4.2.2', diagnostic: '452 4.2.2 mailbox full' })
  expect(await deliver(lab, { to: [path], message })).toStartWith('250')
  const view = await lab.message(id)
  expect(view.deliveries[0]?.status).toBe('bounced')
  expect(view.events.at(-1)?.bounce).toMatchObject({ type: 'soft', reason: 'mailbox_full' })
  expect((await lab.ended(await lab.sent({ to: OURS }))).deliveries[0]?.status).toBe('delivered')
})

test('what had another end keeps it', async () => {
  await using lab = await startLab({ mx: { at: { RCPT: '550 5.1.1 no such user' } } })
  const id = await lab.sent({ to: OURS })
  await lab.ended(id)
  const path = /<(b\+.+?)>/.exec(lab.mx.commands.find((line) => line.includes('MAIL FROM')) ?? '')?.[1] ?? ''
  expect(await deliver(lab, { to: [path], message: bounceOf(OURS) })).toStartWith('250')
  expect(story(await lab.message(id))).toEqual(['queued', 'bounced'])
})

test('a cancelled delivery stays cancelled, and one that waits is told of later', async () => {
  await using lab = await startLab({ mx: { at: { RCPT: '450 4.2.0 later' } } })
  const id = await lab.sent({ to: OURS })
  await lab.tried(id, 1)
  const path = /<(b\+.+?)>/.exec(lab.mx.commands.find((line) => line.includes('MAIL FROM')) ?? '')?.[1] ?? ''
  const message = bounceOf(OURS)
  expect(await deliver(lab, { to: [path], message })).toStartWith('451')
  must(
    await lab.admin.queueCommand({
      command: 'drop',
      message: id,
      destination: null,
      account: null,
      key: null,
    }),
  )
  expect(await deliver(lab, { to: [path], message })).toStartWith('250')
  const view = await lab.message(id)
  expect(view.deliveries[0]?.status).toBe('cancelled')
  expect(view.events.some(({ event }) => event === 'email.bounced')).toBe(false)
})
