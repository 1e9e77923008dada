// A peer that falls silent, says 421 or hangs up, at any moment: the attempt ends by the deadline of that moment, with the
// cause that is true, and never twice.

import { afterEach, describe, expect, test } from 'bun:test'
import type { Behaviour, Moment, MxScript } from '../../support/mx.ts'
import type { OrderDraft } from '../../support/orders.ts'
import { mxHosts, patient, said, slotWith } from '../../support/slot.ts'
import { until } from '../../support/until.ts'

const hosts = mxHosts()
afterEach(() => hosts.close())

const SHORT = 80
const required = { kind: 'required', why: 'test' } as const
const credentials = { username: 'us', password: 'secret' }
const auth = { ...credentials, mechanisms: ['PLAIN'] } as const

interface Case {
  readonly script: MxScript
  /** The wait that is short; all others are long. */
  readonly wait: keyof typeof patient
  readonly order?: Omit<OrderDraft, 'mx'>
  readonly want: string
  readonly detail: string
}

async function attempted({ script, wait, order }: Pick<Case, 'script' | 'wait' | 'order'>) {
  const mx = await hosts.start(script)
  const { send, slot } = slotWith({ patience: { ...patient, [wait]: SHORT } })
  const from = performance.now()
  const { outcome, evidence } = await send({ ...order, mx: [mx] })
  const took = performance.now() - from
  const { cause = null } = 'cause' in outcome ? outcome : {}
  const detail = cause && 'detail' in cause ? cause.detail : ''
  return { mx, slot, took, said: said(outcome), detail, transcript: evidence.transcript }
}

/** More than any system keeps for a peer that does not read. */
const LARGE = `${'a line that nobody reads'.padEnd(76, '.')}\r\n`.repeat(250_000)
const hang: Behaviour = { hang: true }
const MAIL: MxScript = { pipelining: false }
const network = 'deferred network dialogue'

describe('silence', () => {
  test.each([
    [
      'greeting',
      {
        script: { at: { CONNECT: hang } },
        wait: 'greeting',
        want: network,
        detail: 'greeting: timed out (greeting)',
      },
    ],
    [
      'EHLO',
      {
        script: { at: { EHLO: hang } },
        wait: 'command',
        want: network,
        detail: 'EHLO client.test: timed out (command)',
      },
    ],
    [
      'HELO',
      {
        script: { ehlo: false, at: { HELO: hang } },
        wait: 'command',
        want: network,
        detail: 'HELO client.test: timed out',
      },
    ],
    [
      'STARTTLS',
      {
        script: { starttls: true, at: { STARTTLS: hang } },
        wait: 'command',
        order: { tls: required },
        want: network,
        detail: 'STARTTLS: timed out',
      },
    ],
    [
      'the TLS handshake',
      {
        script: { starttls: true, at: { TLS: hang } },
        wait: 'command',
        order: { tls: required },
        want: 'deferred policy tls-required',
        detail: 'the handshake failed: timed out (command)',
      },
    ],
    [
      'the TLS handshake on 465',
      {
        script: { at: { CONNECT: hang } },
        wait: 'command',
        order: { tls: required, transport: { implicitTls: true } },
        want: 'deferred policy tls-required',
        detail: 'the handshake failed: timed out (command)',
      },
    ],
    [
      'EHLO under TLS',
      {
        script: {
          starttls: true,
          at: (moment, { secure }) => (moment === 'EHLO' && secure ? hang : undefined),
        },
        wait: 'command',
        order: { tls: required },
        want: network,
        detail: 'EHLO client.test: timed out (command)',
      },
    ],
    [
      'AUTH',
      {
        script: { auth, at: { AUTH: hang } },
        wait: 'command',
        order: { transport: { auth: credentials } },
        want: network,
        detail: 'AUTH PLAIN: timed out',
      },
    ],
    [
      'MAIL',
      {
        script: { ...MAIL, at: { MAIL: hang } },
        wait: 'command',
        want: network,
        detail: 'MAIL: timed out (command)',
      },
    ],
    [
      'RCPT',
      {
        script: { ...MAIL, at: { RCPT: hang } },
        wait: 'command',
        want: network,
        detail: 'RCPT: timed out (command)',
      },
    ],
    [
      'DATA',
      {
        script: { ...MAIL, at: { DATA: hang } },
        wait: 'data',
        want: network,
        detail: 'DATA: timed out (data)',
      },
    ],
    [
      'all commands in one packet',
      { script: { at: { MAIL: hang } }, wait: 'command', want: network, detail: 'MAIL: timed out' },
    ],
    [
      'the content, its window closed',
      {
        script: { at: { DATA: { stall: true } } },
        wait: 'block',
        order: { body: LARGE },
        want: network,
        detail: 'BODY: timed out (block)',
      },
    ],
    [
      'the content under TLS, its window closed',
      {
        script: { starttls: true, at: { DATA: { stall: true } } },
        wait: 'block',
        order: { body: LARGE },
        want: network,
        detail: 'BODY: timed out (block)',
      },
    ],
    [
      'the final dot',
      {
        script: { at: { BODY: hang } },
        wait: 'finalDot',
        want: 'deferred uncertain',
        detail: 'timed out (finalDot)',
      },
    ],
    [
      'the final dot of a message that was taken',
      {
        script: { at: { BODY: { hang: true, store: true } } },
        wait: 'finalDot',
        want: 'deferred uncertain',
        detail: 'timed out (finalDot)',
      },
    ],
  ] satisfies [string, Case][])('at %s', async (_, { want, detail, ...one }) => {
    const got = await attempted(one)
    expect(got.said).toBe(want)
    expect(got.detail).toContain(detail)
    expect(got.took).toBeGreaterThanOrEqual(SHORT - 2)
    expect(got.took).toBeLessThan(patient.command / 2)
    expect(got.transcript).toContain('timed out')
    // One that stopped reading cannot see it.
    if (one.wait !== 'block') await until('the socket is closed', () => got.mx.open === 0)
  })

  test.each([{}, { starttls: true }])('at QUIT delays no result %j', async (script) => {
    const got = await attempted({ script: { ...script, at: { QUIT: hang } }, wait: 'idle' })
    expect(got.said).toBe('delivered 250')
    expect(got.took).toBeLessThan(patient.command / 2)
    await until('the peer hears QUIT', () => got.mx.commands.includes('1: QUIT'))
    const from = performance.now()
    await got.slot.finish()
    expect(performance.now() - from).toBeLessThan(SHORT)
  })
})

describe('421, the last word', () => {
  const moments: [Moment, MxScript, Omit<OrderDraft, 'mx'>, string][] = [
    ['CONNECT', {}, {}, 'deferred GREETING 421'],
    ['EHLO', {}, {}, 'deferred EHLO 421'],
    ['STARTTLS', { starttls: true }, {}, 'deferred STARTTLS 421'],
    ['STARTTLS', { starttls: true }, { tls: required }, 'deferred STARTTLS 421'],
    ['AUTH', { auth }, { transport: { auth: credentials } }, 'deferred policy relay-auth'],
    ['MAIL', {}, {}, 'deferred MAIL 421'],
    ['RCPT', {}, {}, 'deferred RCPT 421'],
    ['DATA', {}, {}, 'deferred DATA 421'],
    ['BODY', {}, {}, 'deferred BODY 421'],
  ]
  test.each(moments)('to %s %j', async (moment, script, order, want) => {
    for (const pipelining of [true, false]) {
      const got = await attempted({
        script: { ...script, pipelining, at: { [moment]: '421 4.3.2 going away' } },
        wait: 'idle',
        order,
      })
      expect(got.said).toBe(want)
      expect(got.mx.messages).toEqual([])
      expect(got.transcript).toContain('=> 421 4.3.2 going away')
    }
  })

  test('to an idle connection costs the next message nothing', async () => {
    const mx = await hosts.start({
      at: { BODY: { raw: '250 2.0.0 taken\r\n421 4.4.2 and goodbye\r\n', store: true } },
    })
    const { send, slot } = slotWith()
    for (const _ of [1, 2]) expect(said((await send({ mx: [mx] })).outcome)).toBe('delivered 250')
    await slot.finish()
    expect(mx.connections).toBe(2)
    expect(mx.messages.length).toBe(2)
  })
})

describe('hanging up', () => {
  test.each([
    ['after the final dot', { at: { BODY: { drop: true } } }, 'deferred uncertain', 0],
    [
      'after the final dot, with the message',
      { at: { BODY: { drop: true, store: true } } },
      'deferred uncertain',
      1,
    ],
    ['at RCPT', { at: { RCPT: { drop: true } } }, network, 0],
  ] satisfies [string, MxScript, string, number][])('%s', async (_, script, want, arrived) => {
    for (const starttls of [false, true]) {
      for (const order of [{}, { body: LARGE.slice(0, 780_000) }]) {
        const got = await attempted({ script: { ...script, starttls }, wait: 'idle', order })
        expect(got.said).toBe(want)
        expect(got.mx.messages.length).toBe(arrived)
      }
    }
  })
})
