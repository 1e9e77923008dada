import { expect, test } from 'bun:test'
import { SECOND } from '../../src/core/time.ts'
import { idIn, type Lab, startLab } from '../support/appliance.ts'
import { bounceOf, deliver } from '../support/inbound.ts'
import { until } from '../support/until.ts'

const HOME = { 'example.com': { MX: [[10, 'mx.example.net']] } } as const
const WISH = { id: 'x', notify: ['success' as const, 'failure' as const] }

const letters = (lab: Lab): readonly string[] =>
  lab.mx.messages
    .filter(({ forwardPaths }) => forwardPaths.includes('shop@example.com'))
    .map(({ bytes }) => bytes.toString('latin1'))

/** What the reports say, one line per recipient. */
const told = (lab: Lab): readonly string[] =>
  letters(lab)
    .flatMap((text) => [...text.matchAll(/^Final-Recipient: rfc822; (\S+)\r\nAction: (\w+)/gm)])
    .map(([, recipient, action]) => `${recipient} ${action}`)
    .sort()

test('250 recipients, a third of them refused: everybody is told of once, in a handful of letters', async () => {
  await using lab = await startLab({
    dns: HOME,
    mx: {
      at: (moment, { line }) =>
        moment === 'RCPT' && /<gone/.test(line) ? '550 5.1.1 no such user here' : undefined,
    },
  })
  const to = Array.from({ length: 250 }, (_, at) => `${at % 3 === 0 ? 'gone' : 'good'}${at}@example.net`)
  const envelope = { from: 'shop@example.com', to, dsn: WISH }
  await lab.ended(idIn(await lab.submit({ to: 'list@example.net', text: 'Hi.', envelope, dsn: WISH })))
  await until('all are told of', async () => {
    await lab.advance(SECOND)
    return told(lab).length >= 250
  })
  await lab.advance(20 * SECOND)
  expect(told(lab)).toEqual(
    to.map((path) => `${path} ${path.startsWith('gone') ? 'failed' : 'relayed'}`).sort(),
  )
  expect(letters(lab).length).toBeLessThanOrEqual(8)
  const failures = letters(lab).find((text) => text.includes('Subject: Undelivered')) ?? ''
  expect(failures).toMatch(/Your message to \d+ of its recipients was not delivered/)
})

test('the success that a receiver reports is passed on to who asked for it, once', async () => {
  await using lab = await startLab({ dns: HOME, mx: { dsn: true } })
  const ask = { to: 'rcpt@example.net', text: 'Hi.', dsn: { ...WISH, recipient: 'rfc822;Old@example.net' } }
  await lab.ended(idIn(await lab.submit(ask)))
  const path = lab.mx.messages[0]?.reversePath ?? ''
  const report = (action: string) => ({
    to: [path],
    message: bounceOf('rcpt@example.net', { action, status: '2.0.0' }),
  })
  expect(await deliver(lab, report('delayed'))).toMatch(/^250/)
  expect(await deliver(lab, report('delivered'))).toMatch(/^250/)
  expect(await deliver(lab, report('relayed'))).toMatch(/^250/)
  expect(await deliver(lab, report('delivered'))).toMatch(/^250/)
  await until('the submitter is told', async () => {
    await lab.advance(SECOND)
    return letters(lab).length > 0
  })
  await lab.advance(20 * SECOND)
  expect(told(lab)).toEqual(['rcpt@example.net delivered'])
  const [letter = ''] = letters(lab)
  expect(letter).toContain('Original-Envelope-Id: x\r\n')
  expect(letter).toContain('Original-Recipient: rfc822; Old@example.net\r\n')
  expect(letter).toContain('Remote-MTA: dns; inner.example.net\r\n')
  expect(letter).toContain('was delivered. The receiver')
})

test('a success that nobody asked for, or that we have told of, is passed on to nobody', async () => {
  await using lab = await startLab({ dns: HOME })
  await lab.ended(idIn(await lab.submit({ to: 'rcpt@example.net', text: 'Hi.' })))
  await lab.ended(await lab.sent({ to: 'b@example.net' }))
  await lab.ended(idIn(await lab.submit({ to: 'c@example.net', text: 'Hi.', dsn: WISH })))
  for (const { forwardPaths, reversePath } of [...lab.mx.messages]) {
    const message = bounceOf(forwardPaths[0] ?? '', { action: 'delivered', status: '2.0.0' })
    expect(await deliver(lab, { to: [reversePath], message })).toMatch(/^250/)
  }
  await until('our own report is there', async () => {
    await lab.advance(SECOND)
    return told(lab).length > 0
  })
  await lab.advance(20 * SECOND)
  expect(told(lab)).toEqual(['c@example.net relayed'])
})

test('a report that cannot be delivered is the end of it', async () => {
  let refused = 0
  await using lab = await startLab({
    dns: HOME,
    mx: {
      at: (moment, { line }) => {
        if (moment !== 'RCPT') return undefined
        if (line.includes('shop@example.com')) refused += 1
        return '550 5.1.1 no such user'
      },
    },
  })
  await lab.ended(idIn(await lab.submit({ to: 'rcpt@example.net', text: 'Hi.', dsn: WISH })))
  await until('the report was tried', async () => {
    await lab.advance(SECOND)
    return refused > 0
  })
  await lab.advance(60 * SECOND)
  expect(refused).toBe(1)
  expect((await lab.admin.suppressionShow({ account: 'default', address: 'shop@example.com' })).ok).toBe(
    false,
  )
})

test('RET=FULL of what is larger than a megabyte returns the header, and every failure is told', async () => {
  await using lab = await startLab({
    dns: HOME,
    mx: {
      at: (moment, { line }) =>
        moment === 'RCPT' && line.includes('example.net') ? '550 5.1.1 no' : undefined,
    },
    config: { 'submission.max_message_size': '4MB' },
  })
  const dsn = { id: 'x', return: 'full' as const, notify: ['failure' as const] }
  await lab.ended(idIn(await lab.submit({ subject: 'Large', text: 'line of text\n'.repeat(200_000), dsn })))
  await until('the submitter is told', async () => {
    await lab.advance(SECOND)
    return letters(lab).length > 0
  })
  const [letter = ''] = letters(lab)
  expect(letter).toContain('text/rfc822-headers')
  expect(letter.length).toBeLessThan(10_000)
})
