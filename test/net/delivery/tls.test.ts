import { afterEach, describe, expect, test } from 'bun:test'
import type { TlsPolicy } from '../../../src/core/route.ts'
import type { MxScript } from '../../support/mx.ts'
import { mxHosts, patient, said, slotWith } from '../../support/slot.ts'

const hosts = mxHosts()
afterEach(() => hosts.close())

describe('TLS', () => {
  const opportunistic: TlsPolicy = { kind: 'opportunistic' }
  const required: TlsPolicy = { kind: 'required', why: 'test' }
  const verified: TlsPolicy = { kind: 'verified', why: 'test' }

  test.each([
    ['opportunistic, offered', opportunistic, { starttls: true }, 'delivered 250', true],
    ['opportunistic, not offered', opportunistic, {}, 'delivered 250', false],
    ['required, offered', required, { starttls: true }, 'delivered 250', true],
    ['required, not offered', required, {}, 'deferred policy tls-required', false],
    ['required, no EHLO', required, { ehlo: false }, 'deferred policy tls-required', false],
    [
      'required, refused',
      required,
      { starttls: true, at: { STARTTLS: '454 4.7.0 no' } },
      'deferred policy tls-required',
      false,
    ],
    [
      'required, handshake fails',
      required,
      { starttls: true, at: { TLS: { drop: true } } },
      'deferred policy tls-required',
      false,
    ],
    ['verified, self-signed', verified, { starttls: true }, 'deferred policy tls-required', true],
  ] satisfies [string, TlsPolicy, MxScript, string, boolean][])('%s', async (...row) => {
    const [, tls, script, want, secure] = row
    const mx = await hosts.start(script)
    const { send, slot } = slotWith()
    const { outcome, evidence } = await send({ mx: [mx], tls })
    expect(said(outcome)).toBe(want)
    expect(evidence.tls !== null).toBe(secure)
    if (secure) {
      expect(evidence.tls?.verified).toBe(false)
      if (want.startsWith('delivered')) expect(mx.messages[0]?.tls?.version).toBe('TLSv1.3')
      else expect(mx.messages).toEqual([])
    }
    await slot.finish()
  })

  test.each([
    ['fails', { drop: true }],
    ['is answered with clear text', { raw: '554 go away\r\n' }],
    ['hangs', { hang: true }],
  ] as const)(
    'a handshake that %s is followed by a new connection in clear, and remembered',
    async (_, broken) => {
      const mx = await hosts.start({ starttls: true, at: { TLS: broken } })
      const { send, slot } = slotWith({ patience: { ...patient, command: 300 } })
      const first = await send({ mx: [mx] })
      expect(said(first.outcome)).toBe('delivered 250')
      expect(first.evidence.tls).toBeNull()
      expect(mx.connections).toBe(2)
      await slot.finish()
      const before = mx.commands.filter((line) => line.endsWith('STARTTLS')).length
      await send({ mx: [mx] })
      expect(mx.connections).toBe(3)
      expect(mx.commands.filter((line) => line.endsWith('STARTTLS')).length).toBe(before)
      await slot.finish()
    },
  )

  test('bytes behind the 220 of STARTTLS end the session (T3)', async () => {
    const mx = await hosts.start({ starttls: true, at: { STARTTLS: { raw: '220 go\r\n250 injected\r\n' } } })
    const { send } = slotWith()
    const { outcome } = await send({ mx: [mx], tls: required })
    expect(said(outcome)).toBe('deferred policy tls-required')
    expect(mx.messages.length).toBe(0)
  })
})
