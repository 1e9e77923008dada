//
// `mailwok send --watch`: line by line what became of a message, until every recipient has an answer.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { mailwok } from '../support/command-line.ts'

setDefaultTimeout(60_000)

const run = (lab: Lab, to: readonly string[], ...more: readonly string[]) =>
  mailwok(
    [
      ...['--config', join(lab.folder, 'mailwok.toml')],
      ...['--set', `api.admin_socket=${join(lab.folder, 'admin.sock')}`],
      ...['send', '--from', 'shop@example.com', '--subject', 'Hello', '--text', 'It works.'],
      ...['--to', ...to, '--watch', ...more],
    ],
    { cwd: lab.folder },
  )

const linesOf = (out: string): readonly Record<string, unknown>[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

test('what was delivered ends with 0, and says by whom and how', async () => {
  await using lab = await startLab({ mx: { starttls: true } })
  const { code, out } = await run(lab, ['ada@example.net'])
  expect(code).toBe(0)
  const [accepted, attempt, ...rest] = linesOf(out)
  expect([accepted?.['what'], rest]).toEqual(['accepted', []])
  expect(attempt).toMatchObject({
    what: 'attempt',
    recipient: 'ada@example.net',
    outcome: 'delivered',
    mx: 'mx.example.net',
    address: '127.0.0.1',
    code: 250,
  })
  expect(String(attempt?.['tls'])).toStartWith('TLSv1.')
})

test('one recipient that is refused is enough to end with 1; the others are told as well', async () => {
  await using lab = await startLab({
    mx: {
      at: (moment, { line }) =>
        moment === 'RCPT' && line.includes('nobody') ? '550 5.1.1 no such user' : undefined,
    },
  })
  const { code, out, err } = await run(lab, ['nobody@example.net', 'ada@example.net'])
  expect([code, err]).toEqual([1, ''])
  const outcomes = linesOf(out).map((line) => `${line['recipient']} ${line['outcome']}`)
  expect(outcomes).toContain('ada@example.net delivered')
  expect(outcomes).toContain('nobody@example.net bounced')
})

test('what waits for another try ends with 1 when the time is over; the message goes on', async () => {
  await using lab = await startLab({ mx: { at: { RCPT: '450 4.2.1 come later' } } })
  const { code, out } = await run(lab, ['ada@example.net'], '--wait', '1s')
  expect(code).toBe(1)
  expect(linesOf(out).map((line) => line['outcome'])).toContain('deferred')
  expect((await run(lab, ['ada@example.net'], '--wait', 'soon')).code).toBe(2)
})

test('without a node nothing is sent', async () => {
  await using lab = await startLab()
  await lab.stop()
  const { code, err } = await run(lab, ['ada@example.net'])
  expect([code, err]).toEqual([1, expect.stringContaining('no node listens')])
  await lab.start()
  const listed = await lab.admin.messageList({ recipient: 'ada@example.net', state: null, limit: 1 })
  expect(must(listed).messages).toEqual([])
})
