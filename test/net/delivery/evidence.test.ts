// What an attempt leaves behind for those who ask why: every host and address, every command and reply.

import { afterEach, expect, test } from 'bun:test'
import type { MxScript } from '../../support/mx.ts'
import { mxHosts, slotWith } from '../../support/slot.ts'

const hosts = mxHosts()
afterEach(() => hosts.close())

/** Without what differs between runs. */
const plain = (transcript: string): string[] =>
  transcript
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\d+ /, '').replace(/:\d{4,5}(?= )/, ':PORT'))

test('one message on a new connection, the next on the kept one', async () => {
  const mx = await hosts.start({ starttls: true })
  const { send, slot } = slotWith()
  const first = await send({ mx: [mx] })
  const second = await send({ mx: [mx] })
  await slot.finish()
  const [connect, greeting, ehlo, starttls, tls, again, mail, ...rest] = plain(first.evidence.transcript)
  expect([connect, greeting]).toEqual([
    'CONNECT mx.test [127.0.0.1]:PORT from 127.0.0.1',
    'greeting => 220 mx.test ESMTP test',
  ])
  expect(ehlo).toStartWith('EHLO client.test => 250 mx.test greets you / PIPELINING / ')
  expect(starttls).toBe('STARTTLS => 220 2.0.0 go ahead')
  expect(tls).toMatch(/^TLS TLSv1\.3 \S+ not verified: certificate-not-trusted /)
  expect(again).toStartWith('EHLO client.test => 250 mx.test greets you')
  expect(mail).toMatch(/^MAIL FROM:<bounce@sender\.test> SIZE=\d+ => 250 2\.1\.0 Ok$/)
  expect(rest).toEqual([
    'RCPT TO:<someone@receiver.test> => 250 2.1.5 Ok',
    'DATA => 354 go ahead',
    expect.stringMatching(/^\(content of \d+ octets\) => 250 2\.0\.0 Ok: queued as 1-1$/),
  ])
  expect(plain(second.evidence.transcript).map((line) => line.split(' ')[0])).toEqual([
    'MAIL',
    'RCPT',
    'DATA',
    '(content',
  ])
  expect(first.evidence.tlsSessions?.length).toBe(1)
  expect(second.evidence.tlsSessions).toBeUndefined()
  expect(second.evidence.tls).toEqual(first.evidence.tls)
})

test('messages behind one another have each their own lines', async () => {
  const mx = await hosts.start({})
  const { send, slot } = slotWith()
  const reports = await Promise.all(
    [1, 2, 3, 4].map((n) => send({ mx: [mx], recipient: `r${n}@receiver.test` })),
  )
  await slot.finish()
  for (const [at, { evidence }] of reports.entries()) {
    const lines = plain(evidence.transcript)
    expect(lines.filter((line) => line.startsWith('RCPT'))).toEqual([
      `RCPT TO:<r${at + 1}@receiver.test> => 250 2.1.5 Ok`,
    ])
    expect(lines.at(-1)).toEndWith(`queued as 1-${at + 1}`)
    expect(lines.length).toBe(at === 0 ? 7 : 4)
  }
})

test('every address that was walked is in it', async () => {
  const first = await hosts.start({ host: '127.0.0.2', at: { CONNECT: '554 5.3.2 not here' } })
  const last = await hosts.start({ host: '127.0.0.4', port: first.port, at: { RCPT: '550 5.1.1 unknown' } })
  const { send } = slotWith()
  const { evidence } = await send({ mx: [first, { host: '127.0.0.3', port: first.port }, last] })
  const lines = plain(evidence.transcript)
  expect(lines.filter((line) => line.startsWith('CONNECT'))).toEqual([
    'CONNECT mx.test [127.0.0.2]:PORT from 127.0.0.1',
    expect.stringMatching(/^CONNECT mx2\.test \[127\.0\.0\.3\]:PORT => .+/),
    'CONNECT mx3.test [127.0.0.4]:PORT from 127.0.0.1',
  ])
  expect(lines).toContain('greeting => 554 5.3.2 not here')
  expect(lines).toContain('RCPT TO:<someone@receiver.test> => 550 5.1.1 unknown')
  expect(evidence.mx).toBe('mx3.test')
})

test.each([
  ['TLS fails', { starttls: true, at: { TLS: { drop: true } } }, /^TLS handshake => /],
  [
    'the peer hangs up',
    { at: { RCPT: { drop: true } }, pipelining: false },
    /^RCPT TO:\S+ => the peer closed/,
  ],
  ['nothing can be sent', { size: 10 }, /^\(nothing was sent\)$/],
] satisfies [string, MxScript, RegExp][])('%s', async (_, script, want) => {
  const mx = await hosts.start(script)
  const { send, slot } = slotWith()
  const { evidence } = await send({ mx: [mx] })
  await slot.finish()
  expect(plain(evidence.transcript)).toContainEqual(expect.stringMatching(want))
})

test.each([
  ['a failed handshake', { starttls: true, at: { TLS: { drop: true } } }, ['validation-failure']],
  ['no offer', {}, ['starttls-not-supported']],
  [
    'an offer that was not meant',
    { starttls: true, at: { STARTTLS: '454 4.7.0 no' } },
    ['starttls-not-supported'],
  ],
  ['a peer of another age', { ehlo: false }, ['starttls-not-supported']],
  ['no session at all', { at: { CONNECT: '554 no' } }, undefined],
  ['TLS', { starttls: true }, [null]],
] as [string, MxScript, (string | null)[] | undefined][])('TLS sessions: %s', async (_, script, want) => {
  const mx = await hosts.start(script)
  const { send, slot } = slotWith()
  const { evidence } = await send({ mx: [mx] })
  await slot.finish()
  const got: (string | null)[] | undefined = evidence.tlsSessions?.map(({ failure }) => failure?.type ?? null)
  expect(got).toEqual(want)
})
