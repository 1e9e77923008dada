import { afterEach, describe, expect, test } from 'bun:test'
import type { Moment, MxScript } from '../../support/mx.ts'
import { type OrderDraft, orderFor } from '../../support/orders.ts'
import { mxHosts, patient, said, slotWith } from '../../support/slot.ts'
import { until } from '../../support/until.ts'

const hosts = mxHosts()
afterEach(() => hosts.close())

const SHORT = 60

describe('one MX that', () => {
  test.each([
    ['is correct', {}, 'delivered 250'],
    ['splits its replies into single bytes', { at: everywhere({ pieces: 1 }) }, 'delivered 250'],
    [
      'answers everything in three lines',
      { at: { CONNECT: '220 a\n220 b\n220 c', RCPT: '250 x\n250 y\n250 z' } },
      'delivered 250',
    ],
    [
      'says nothing but codes',
      { at: { CONNECT: '220', MAIL: '250', RCPT: '250', DATA: '354', BODY: '250' } },
      'delivered 250',
    ],
    ['knows no EHLO', { ehlo: false }, 'delivered 250'],
    [
      'refuses STARTTLS after offering it',
      { starttls: true, at: { STARTTLS: '454 4.7.0 not now' } },
      'delivered 250',
    ],
    ['greets with 554', { at: { CONNECT: '554 no' } }, 'deferred GREETING 554'],
    ['refuses EHLO and HELO', { at: { EHLO: '550 no', HELO: '550 no' } }, 'deferred EHLO 550'],
    ['refuses MAIL', { at: { MAIL: '550 5.7.1 not you' } }, 'bounced MAIL 550'],
    ['refuses RCPT', { at: { RCPT: '550 5.1.1 unknown' } }, 'bounced RCPT 550'],
    [
      'refuses RCPT and takes DATA',
      { at: { RCPT: '550 5.1.1 unknown', DATA: '354 go' } },
      'bounced RCPT 550',
    ],
    ['greylists', { at: { RCPT: '450 4.7.1 later' } }, 'deferred RCPT 450'],
    ['refuses DATA', { at: { DATA: '554 5.7.1 no' } }, 'bounced DATA 554'],
    ['refuses the content', { at: { BODY: '554 5.6.0 spam' } }, 'bounced BODY 554'],
    ['fails after the content', { at: { BODY: '451 4.3.0 disk' } }, 'deferred BODY 451'],
    ['leaves with 421 at MAIL', { at: { MAIL: '421 4.3.2 bye' } }, 'deferred MAIL 421'],
    [
      'writes no replies at all',
      { at: { CONNECT: { raw: 'HTTP/1.1 400 Bad\r\n' } } },
      'deferred network dialogue',
    ],
    ['never ends its EHLO reply', { at: { EHLO: { endless: true } } }, 'deferred network dialogue'],
    ['says 250 to DATA', { at: { DATA: '250 what' } }, 'deferred DATA 250'],
    ['drops at the greeting', { at: { CONNECT: { drop: true } } }, 'deferred network dialogue'],
    ['drops at EHLO', { at: { EHLO: { drop: true } } }, 'deferred network dialogue'],
    ['drops at MAIL', { at: { MAIL: { drop: true } } }, 'deferred network dialogue'],
    ['drops at DATA', { at: { DATA: { drop: true } } }, 'deferred network dialogue'],
    ['drops after the final dot without keeping it', { at: { BODY: { drop: true } } }, 'deferred uncertain'],
    [
      'drops after the final dot and keeps it',
      { at: { BODY: { drop: true, store: true } } },
      'deferred uncertain',
    ],
    ['takes only small messages', { size: 10 }, 'bounced policy too-large'],
  ] satisfies [string, MxScript, string][])('%s', async (_, script, want) => {
    for (const pipelining of [true, false]) {
      const mx = await hosts.start({ pipelining, ...script })
      const { send, slot } = slotWith()
      const report = await send({ mx: [mx] })
      expect(`${pipelining} ${said(report.outcome)}`).toBe(`${pipelining} ${want}`)
      expect(report.evidence.mx).toBe('mx.test')
      expect(report.evidence.address).toBe('127.0.0.1')
      if (want.startsWith('delivered')) {
        expect(mx.messages.length).toBe(1)
        expect(mx.messages[0]?.bytes.toString()).toBe(orderFor({ mx: [mx] }).content.bytes.toString())
      }
      await slot.finish()
    }
  })

  test.each([
    ['CONNECT', 'greeting', 'deferred network dialogue'],
    ['EHLO', 'command', 'deferred network dialogue'],
    // What became of the offer of TLS costs no message: it goes in clear then.
    ['STARTTLS', 'command', 'delivered 250'],
    ['MAIL', 'command', 'deferred network dialogue'],
    ['RCPT', 'command', 'deferred network dialogue'],
    ['DATA', 'data', 'deferred network dialogue'],
    ['BODY', 'finalDot', 'deferred uncertain'],
  ] satisfies [Moment, keyof typeof patient, string][])('hangs at %s', async (moment, wait, want) => {
    const mx = await hosts.start({ starttls: moment === 'STARTTLS', at: { [moment]: { hang: true } } })
    const { send } = slotWith({ patience: { ...patient, [wait]: SHORT } })
    const { outcome } = await send({ mx: [mx] })
    expect(said(outcome)).toBe(want)
    if (outcome.kind === 'deferred' && 'detail' in outcome.cause) {
      expect(outcome.cause.detail).toContain(`timed out (${wait})`)
    }
  })

  test('hangs at QUIT delays nobody', async () => {
    const mx = await hosts.start({ at: { QUIT: { hang: true } } })
    const { send, slot } = slotWith()
    expect(said((await send({ mx: [mx] })).outcome)).toBe('delivered 250')
    await slot.finish()
    await until('the peer hears QUIT', () => mx.commands.includes('1: QUIT'))
  })
})

function everywhere(behaviour: { pieces: number }) {
  return () => behaviour
}

describe('hosts and addresses', () => {
  const dead = { host: '127.0.0.1', port: 1 }

  test.each([
    // what the first of three hosts does → how many hosts are asked, and what comes of it
    [{ at: { CONNECT: '554 no' } }, 'delivered 250', [1, 1, 0]],
    [{ at: { EHLO: '421 no' } }, 'delivered 250', [1, 1, 0]],
    [{ at: { MAIL: '421 bye' } }, 'delivered 250', [1, 1, 0]],
    [{ at: { RCPT: '450 4.2.0 later' } }, 'delivered 250', [1, 1, 0]],
    [{ at: { RCPT: '550 5.1.1 no' } }, 'bounced RCPT 550', [1, 0, 0]],
    [{ at: { DATA: { drop: true } } }, 'delivered 250', [1, 1, 0]],
    [{ at: { BODY: '451 4.3.0 later' } }, 'deferred BODY 451', [1, 0, 0]],
    [{ at: { BODY: { drop: true, store: true } } }, 'deferred uncertain', [1, 0, 0]],
  ] satisfies [MxScript, string, number[]][])('%j', async (script, want, asked) => {
    // One port for all, as MX hosts have it: three loopback addresses.
    const first = await hosts.start({ ...script, host: '127.0.0.2' })
    const second = await hosts.start({ host: '127.0.0.3', port: first.port })
    const third = await hosts.start({ host: '127.0.0.4', port: first.port })
    const { send, slot } = slotWith()
    const { outcome, evidence } = await send({ mx: [first, second, third] })
    expect(said(outcome)).toBe(want)
    expect([first.connections, second.connections, third.connections]).toEqual(asked)
    expect(evidence.address).toBe(want.startsWith('delivered') ? '127.0.0.3' : '127.0.0.2')
    await slot.finish()
  })

  test('a temporary refusal of this mail is shown to one more host only', async () => {
    const script: MxScript = { at: { RCPT: '450 4.2.0 later' } }
    const first = await hosts.start({ ...script, host: '127.0.0.2' })
    const second = await hosts.start({ ...script, host: '127.0.0.3', port: first.port })
    const third = await hosts.start({ host: '127.0.0.4', port: first.port })
    const { send } = slotWith()
    expect(said((await send({ mx: [first, second, third] })).outcome)).toBe('deferred RCPT 450')
    expect(third.connections).toBe(0)
  })

  test('every address of a host is tried', async () => {
    const mx = await hosts.start({ host: '127.0.0.4' })
    const { send } = slotWith()
    const { outcome } = await send({ mx: [mx], addresses: ['127.0.0.2', '127.0.0.3', '127.0.0.4'] })
    expect(said(outcome)).toBe('delivered 250')
  })

  test('nobody listens', async () => {
    const { send } = slotWith()
    const { outcome } = await send({ mx: [dead] })
    expect(said(outcome)).toBe('deferred network connect')
  })
})

describe('a host that is silent while another could be asked', () => {
  const HASTE = 60
  const MUTE: MxScript = { at: { CONNECT: { hang: true } } }
  const ONE_EACH = { messagesPerConnection: 1 }
  /** One port for all, as MX hosts have it. */
  async function three(first: MxScript, second: MxScript, third: MxScript = {}) {
    const one = await hosts.start({ ...first, host: '127.0.0.2' })
    const two = await hosts.start({ ...second, host: '127.0.0.3', port: one.port })
    const last = await hosts.start({ ...third, host: '127.0.0.4', port: one.port })
    return [one, two, last] as const
  }

  test('is passed over, and asked last for the next messages', async () => {
    const [mute, well] = await three(MUTE, {})
    const { send, slot } = slotWith({ haste: HASTE })
    const first = await send({ mx: [mute, well], transport: ONE_EACH })
    expect(said(first.outcome)).toBe('delivered 250')
    expect(first.evidence.transcript).toContain('greeting => timed out (greeting)')
    expect(said((await send({ mx: [mute, well], transport: ONE_EACH })).outcome)).toBe('delivered 250')
    expect([mute.connections, well.connections]).toEqual([1, 2])
    await slot.finish()
  })

  test('has all the time it needs when nobody else is there', async () => {
    const [slow, dead] = await three(
      { at: { CONNECT: { slow: 4 * HASTE } } },
      { at: { CONNECT: { drop: true } } },
    )
    const { send, slot } = slotWith({ haste: HASTE })
    expect(said((await send({ mx: [slow, dead] })).outcome)).toBe('delivered 250')
    expect([slow.connections, dead.connections]).toEqual([2, 1])
    await slot.finish()
    const alone = slotWith({ haste: HASTE })
    expect(said((await alone.send({ mx: [slow] })).outcome)).toBe('delivered 250')
    expect(slow.connections).toBe(3)
    await alone.slot.finish()
  })

  test('is not waited for long where another one has spoken', async () => {
    const [mute, later] = await three(MUTE, { at: { RCPT: '450 4.2.0 later' } })
    const { send } = slotWith({ haste: HASTE })
    for (const _ of [1, 2])
      expect(said((await send({ mx: [mute, later] })).outcome)).toBe('deferred RCPT 450')
    expect([mute.connections, later.connections]).toEqual([2, 2])
  })

  test('in the middle of a session is asked last, too', async () => {
    const [mute, well] = await three({ at: { MAIL: { hang: true } } }, {})
    const { send, slot } = slotWith({ haste: HASTE, patience: { ...patient, command: 2 * HASTE } })
    for (const _ of [1, 2]) {
      const { outcome } = await send({ mx: [mute, well], transport: ONE_EACH })
      expect(said(outcome)).toBe('delivered 250')
    }
    expect([mute.connections, well.connections]).toEqual([1, 2])
    await slot.finish()
  })
})

describe('what the message needs', () => {
  test.each([
    ['8-bit body', { body: 'gr\u00fc\u00df\r\n' }, {}, 'delivered 250', { BODY: '8BITMIME' }],
    ['8-bit body, not offered', { body: 'gr\u00fc\u00df\r\n' }, { eightBitMime: false }, 'delivered 250', {}],
    [
      'UTF-8 address',
      { recipient: 'j\u00fcrgen@receiver.test' },
      {},
      'delivered 250',
      { SMTPUTF8: '', BODY: '8BITMIME' },
    ],
    [
      'UTF-8 address, not offered',
      { recipient: 'j\u00fcrgen@receiver.test' },
      { smtpUtf8: false },
      'bounced policy smtputf8-required',
      {},
    ],
    ['UTF-8 header', { subject: 'gr\u00fc\u00df' }, {}, 'delivered 250', { SMTPUTF8: '', BODY: '8BITMIME' }],
    [
      'UTF-8 header, not offered',
      { subject: 'gr\u00fc\u00df' },
      { smtpUtf8: false },
      'bounced policy smtputf8-required',
      {},
    ],
    ['plain', {}, {}, 'delivered 250', {}],
  ] satisfies [string, Omit<OrderDraft, 'mx'>, MxScript, string, Record<string, string>][])(
    '%s',
    async (...row) => {
      const [, draft, script, want, parameters] = row
      const mx = await hosts.start(script)
      const { send, slot } = slotWith()
      const report = await send({ ...draft, mx: [mx] })
      expect(said(report.outcome)).toBe(want)
      if (want === 'delivered 250') {
        const { SIZE, ...others } = mx.messages[0]?.parameters ?? {}
        expect(others).toEqual(parameters)
        expect(SIZE).toBe(String(mx.messages[0]?.bytes.length))
      }
      await slot.finish()
    },
  )

  test('the null reverse-path', async () => {
    const mx = await hosts.start()
    const { send, slot } = slotWith()
    await send({ mx: [mx], reversePath: null })
    expect(mx.messages[0]?.reversePath).toBe('')
    await slot.finish()
  })

  test('a megabyte with leading dots arrives as it is', async () => {
    const mx = await hosts.start()
    const { send, slot } = slotWith()
    const body = '.dot\r\n..\r\nplain line of some length, repeated\r\n'.repeat(30_000)
    expect(said((await send({ mx: [mx], body })).outcome)).toBe('delivered 250')
    expect(mx.messages[0]?.bytes.toString().endsWith(body)).toBe(true)
    await slot.finish()
  })

  test('bytes that may not travel never reach a wire', async () => {
    const mx = await hosts.start()
    const { send } = slotWith()
    for (const body of ['bare\nline\r\n', 'bare\rline\r\n', 'nul\0\r\n']) {
      expect(said((await send({ mx: [mx], body })).outcome)).toBe('deferred internal')
    }
    expect(mx.connections).toBe(0)
  })
})
