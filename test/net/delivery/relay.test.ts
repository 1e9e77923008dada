// Mail through a smarthost: who we are (RFC 4954), TLS from the first octet (RFC 8314), and what of it is written down.

import { afterEach, describe, expect, test } from 'bun:test'
import type { TlsPolicy } from '../../../src/core/route.ts'
import { authority } from '../../support/authority.ts'
import type { MxScript } from '../../support/mx.ts'
import { mxHosts, said, slotWith } from '../../support/slot.ts'

const hosts = mxHosts()
afterEach(() => hosts.close())

const root = authority('Private Root')
const certificate = root.issue({ names: ['mx.test'] })
const verified: TlsPolicy = { kind: 'verified', why: 'a relay' }
const credentials = { username: 'us@sender.test', password: 'k\u00e4se&"zu\\geheim' }
const relay = { via: 'relay:mx.test', auth: credentials }
const both = { ...credentials, mechanisms: ['PLAIN', 'LOGIN'] } as const
const FAILED = 'deferred policy relay-auth'

async function through(script: MxScript, transport: object = relay, tls: TlsPolicy = verified) {
  const mx = await hosts.start({ starttls: true, certificate, ...script })
  const { send, slot } = slotWith({ ca: root.cert })
  const report = await send({ mx: [mx], tls, transport })
  await slot.finish()
  const { outcome, evidence } = report
  const detail = 'cause' in outcome && 'detail' in outcome.cause ? outcome.cause.detail : ''
  return { mx, said: said(outcome), evidence, detail, all: JSON.stringify(report) }
}

describe('AUTH', () => {
  test.each([
    ['PLAIN before LOGIN', { auth: both }, '1: AUTH PLAIN '],
    ['LOGIN where nothing else is offered', { auth: { ...both, mechanisms: ['LOGIN'] } }, '1: AUTH LOGIN'],
  ] satisfies [string, MxScript, string][])('%s', async (_, script, line) => {
    const got = await through(script)
    expect(got.said).toBe('delivered 250')
    expect(got.mx.commands.some((each) => each.startsWith(line))).toBe(true)
    expect(got.evidence.via).toBe('relay:mx.test')
    expect(got.evidence.transcript).toContain('=> 235 2.7.0 welcome')
  })

  test('credentials too long for a command line go behind it', async () => {
    const auth = { username: 'us', password: 'x'.repeat(600) }
    const script = { auth: { ...auth, mechanisms: ['PLAIN'] } } satisfies MxScript
    const got = await through(script, { ...relay, auth })
    expect(got.said).toBe('delivered 250')
    expect(got.mx.commands).toContain('1: AUTH PLAIN')
  })

  test.each([
    ['refused', { auth: { ...both, password: 'other' } }, FAILED, '535'],
    ['refused at LOGIN', { auth: { ...both, mechanisms: ['LOGIN'], password: 'x' } }, FAILED, '535'],
    ['not offered', {}, FAILED, 'neither AUTH PLAIN nor AUTH LOGIN'],
    ['by other means only', { auth: { ...both, mechanisms: ['XOAUTH2'] } }, FAILED, 'neither'],
    ['for the moment', { auth: both, at: { AUTH: '454 4.7.0 later' } }, FAILED, '454'],
    ['with its last word', { auth: both, at: { AUTH: '421 4.3.2 bye' } }, FAILED, '421'],
    ['without end', { auth: both, at: { AUTH: '334 more' } }, FAILED, '334'],
    [
      'by hanging up',
      { auth: both, at: { AUTH: { drop: true } } },
      'deferred network dialogue',
      'AUTH PLAIN',
    ],
  ] satisfies [string, MxScript, string, string][])('%s', async (_, script, want, detail) => {
    const got = await through(script)
    expect(got.said).toBe(want)
    expect(got.detail).toContain(detail)
    expect(got.mx.messages).toEqual([])
  })

  test('a peer that repeats what it heard brings no secret into evidence', async () => {
    const { username, password } = credentials
    const secrets = [
      password,
      Buffer.from(password).toString('base64'),
      Buffer.from(`\0${username}\0${password}`).toString('base64'),
    ]
    for (const secret of secrets) {
      const got = await through({ auth: both, at: { AUTH: `500 5.5.2 what is ${secret}?` } })
      expect(got.said).toBe(FAILED)
      expect(got.detail).toContain('what is ***?')
      for (const each of secrets) expect(got.all).not.toContain(JSON.stringify(each).slice(1, -1))
    }
  })

  test('another relay is asked', async () => {
    const first = await hosts.start({ host: '127.0.0.2', auth: { ...both, password: 'other' } })
    const second = await hosts.start({ host: '127.0.0.3', port: first.port, auth: both })
    const { send, slot } = slotWith()
    const { outcome, evidence } = await send({ mx: [first, second], transport: relay })
    await slot.finish()
    expect(said(outcome)).toBe('delivered 250')
    expect(evidence.address).toBe('127.0.0.3')
  })

  test('in clear only on this machine', async () => {
    const got = await through({ starttls: false, auth: both }, relay, { kind: 'none', why: 'test' })
    expect(got.said).toBe('delivered 250')
  })
})

describe('implicit TLS', () => {
  const implicit = { ...relay, implicitTls: true }

  test('the handshake comes first, and the name is proven', async () => {
    const got = await through({ implicitTls: true, auth: both }, implicit)
    expect(got.said).toBe('delivered 250')
    expect(got.evidence.tls?.verified).toBe(true)
    expect(got.mx.commands[0]).toBe('1: EHLO client.test')
    expect(got.mx.commands.some((line) => line.endsWith('STARTTLS'))).toBe(false)
  })

  test('a certificate that proves nothing ends it, whatever the port', async () => {
    const stranger = authority('Unknown').issue({ names: ['mx.test'] })
    const got = await through({ implicitTls: true, auth: both, certificate: stranger }, implicit)
    expect(got.said).toBe('deferred policy tls-required')
    expect(got.mx.commands).toEqual([])
  })

  test('a handshake that fails is never followed by clear text', async () => {
    for (const tls of [verified, { kind: 'opportunistic' } as const]) {
      const got = await through({ at: { CONNECT: { raw: '220 not TLS\r\n' } } }, implicit, tls)
      expect(got.said).toBe(tls === verified ? 'deferred policy tls-required' : 'deferred network tls')
      expect(got.mx.connections).toBe(1)
    }
  })
})

test.each([
  [{ kind: 'required', why: 'test' }, 'delivered 250'],
  [verified, 'deferred policy tls-required'],
] satisfies [TlsPolicy, string][])('a relay named by its address: %j', async (tls, want) => {
  const mx = await hosts.start({ starttls: true, certificate })
  const { send, slot } = slotWith({ ca: root.cert })
  const { outcome, evidence } = await send({ mx: [mx], exchange: '127.0.0.1', tls })
  await slot.finish()
  expect(said(outcome)).toBe(want)
  expect(evidence.tlsSessions?.[0]?.failure?.type).toBe(
    tls === verified ? 'certificate-host-mismatch' : undefined,
  )
})

test('a kept connection is not used by somebody else, nor under another name', async () => {
  const mx = await hosts.start({})
  const { send, slot } = slotWith()
  await send({ mx: [mx] })
  await send({ mx: [mx], transport: { hello: 'other.test' } })
  await send({ mx: [mx], transport: { hello: 'other.test' } })
  await slot.finish()
  expect(mx.commands.filter((line) => line.includes('EHLO'))).toEqual([
    '1: EHLO client.test',
    '2: EHLO other.test',
  ])
  expect(mx.messages.length).toBe(3)
})

test('a lane says how many messages a connection takes', async () => {
  const mx = await hosts.start({})
  const { send, slot } = slotWith()
  await Promise.all([1, 2, 3, 4, 5].map(() => send({ mx: [mx], transport: { messagesPerConnection: 2 } })))
  await slot.finish()
  expect(mx.messages.map(({ connection }) => connection)).toEqual([1, 1, 2, 2, 3])
})
