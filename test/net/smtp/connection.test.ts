import { afterEach, expect, test } from 'bun:test'
import { type Mailbox, parseMailbox } from '../../../src/core/address.ts'
import { Connection } from '../../../src/net/smtp/connection.ts'
import { frame } from '../../../src/net/smtp/data-framing.ts'
import type { Ground, Hail } from '../../../src/net/smtp/peer.ts'
import { trustIn } from '../../../src/net/smtp/security.ts'
import type { Mail } from '../../../src/net/smtp/transaction.ts'
import { Transcript } from '../../../src/net/smtp/transcript.ts'
import { systemClock } from '../../../src/ops/clock.ts'
import { type Mx, type MxScript, startMx } from '../../support/mx.ts'

const open: Mx[] = []
afterEach(async () => {
  for (const mx of open.splice(0)) await mx.close()
})
async function mxOf(script: MxScript): Promise<Mx> {
  const mx = await startMx(script)
  open.push(mx)
  return mx
}

const mailbox = (text: string): Mailbox => {
  const parsed = parseMailbox(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}
const hail: Hail = { hello: 'client.test', wish: 'if-offered', tlsa: null, auth: null, implicitTls: false }
const ground: Ground = {
  patience: {
    connect: 2000,
    greeting: 2000,
    command: 2000,
    data: 2000,
    block: 2000,
    finalDot: 2000,
    idle: 2000,
  },
  clock: systemClock(),
  trust: trustIn(null),
  stop: new AbortController().signal,
}
const bytes = Buffer.from('Subject: x\r\n\r\n.dot\r\nbody\r\n')
const mail: Mail = {
  reversePath: mailbox('a@sender.test'),
  forwardPath: mailbox('b@receiver.test'),
  size: bytes.length,
  eightBit: false,
  utf8Header: false,
  dsn: null,
  requireTls: false,
}

test.each([
  ['pipelined', {}],
  ['without PIPELINING', { pipelining: false }],
  ['without EHLO', { ehlo: false }],
  ['over STARTTLS', { starttls: true }],
] satisfies [string, MxScript][])('three messages on one connection, %s', async (_, script) => {
  const mx = await mxOf(script)
  const opened = await Connection.open(
    { exchange: 'mx.test', address: mx.host, port: mx.port, source: null },
    hail,
    ground,
    new Transcript(0),
  )
  if (!opened.ok) throw new Error(JSON.stringify(opened.error))
  for (let n = 0; n < 3; n++) {
    const end = await opened.value.transact({ mail, content: frame([bytes]), transcript: new Transcript(0) })
    expect(end.kind).toBe('accepted')
  }
  opened.value.quit()
  expect(mx.connections).toBe(1)
  expect(mx.messages.length).toBe(3)
  expect(mx.messages[2]?.bytes.toString()).toBe(bytes.toString())
  expect(mx.messages[2]?.reversePath).toBe('a@sender.test')
  expect(opened.value.facts.tls === null).toBe(!('starttls' in script))
})
