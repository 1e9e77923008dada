import { afterEach, describe, expect, test } from 'bun:test'
import type { DeliveryId } from '../../../src/core/ids.ts'
import type { DeliveryReport } from '../../../src/net/delivery/order.ts'
import type { Behaviour, Moment, MxScript } from '../../support/mx.ts'
import { orderFor } from '../../support/orders.ts'
import { mxHosts, patient, said, slotWith } from '../../support/slot.ts'
import { until } from '../../support/until.ts'

const hosts = mxHosts()
afterEach(() => hosts.close())

const SHORT = 60

describe('a kept connection', () => {
  test('serves a hundred messages, then a new one', async () => {
    const mx = await hosts.start()
    const { send, slot } = slotWith()
    const all = await Promise.all(Array.from({ length: 101 }, () => send({ mx: [mx] })))
    expect(all.every((report) => report.outcome.kind === 'delivered')).toBe(true)
    expect(mx.connections).toBe(2)
    await slot.finish()
  })

  test('RSET stands only where a transaction was left open', async () => {
    let refuse = true
    const mx = await hosts.start({
      at: (moment) => (moment === 'RCPT' && refuse ? '550 5.1.1 no' : undefined),
    })
    const { send, slot } = slotWith()
    expect(said((await send({ mx: [mx] })).outcome)).toBe('bounced RCPT 550')
    refuse = false
    await send({ mx: [mx] })
    await send({ mx: [mx] })
    expect(mx.connections).toBe(1)
    expect(mx.commands.filter((line) => line.endsWith('RSET')).length).toBe(1)
    expect(mx.messages.length).toBe(2)
    await slot.finish()
  })

  test.each([
    ['421 to the next MAIL', { messagesPerConnection: 1 }],
    [
      'dropped at the next MAIL',
      {
        at: (moment: Moment, seen: { accepted: number }) =>
          moment === 'MAIL' && seen.accepted > 0 ? ({ drop: true } as const) : undefined,
      },
    ],
  ] satisfies [string, MxScript][])('%s: replaced silently', async (_, script) => {
    const mx = await hosts.start(script)
    const { send, slot } = slotWith()
    for (let n = 0; n < 3; n++) expect(said((await send({ mx: [mx] })).outcome)).toBe('delivered 250')
    expect(mx.connections).toBe(3)
    expect(mx.messages.length).toBe(3)
    await slot.finish()
  })

  test('closes after its idle time, politely', async () => {
    const mx = await hosts.start()
    const { send } = slotWith({ patience: { ...patient, idle: SHORT } })
    await send({ mx: [mx] })
    await until('the connection is closed', () => mx.commands.includes('1: QUIT') && mx.open === 0)
    expect(said((await send({ mx: [mx] })).outcome)).toBe('delivered 250')
    expect(mx.connections).toBe(2)
  })

  test('is not used for a route that demands more', async () => {
    const mx = await hosts.start()
    const { send, slot } = slotWith()
    await send({ mx: [mx] })
    const { outcome } = await send({ mx: [mx], tls: { kind: 'required', why: 'test' } })
    expect(said(outcome)).toBe('deferred policy tls-required')
    await slot.finish()
  })
})

describe('a message behind another (RFC 2920 section 3.1)', () => {
  /** Five messages at once into one slot: each but the first two can go out behind the one before. */
  async function five(script: MxScript) {
    const mx = await hosts.start(script)
    const { send, slot } = slotWith()
    const reports = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => send({ mx: [mx], id: `msg_${n}.0`, body: `${n}\r\n` })),
    )
    await slot.finish()
    const bodies = mx.messages.map(({ bytes }) => bytes.toString().split('\r\n').at(-2))
    return {
      mx,
      said: reports.map(({ outcome }) => said(outcome)),
      bodies,
      ids: reports.map((it) => it.deliveryId),
    }
  }
  const fine = 'delivered 250'
  /** Says `behaviour` to the third message, once, when `moment` comes. */
  function third(moment: Moment, behaviour: Behaviour): NonNullable<MxScript['at']> {
    let said = false
    return (now, seen) => {
      if (said || now !== moment || seen.accepted !== 2) return undefined
      said = true
      return behaviour
    }
  }

  test('arrives in order, once each, with no RSET', async () => {
    const got = await five({})
    expect(got.said).toEqual([fine, fine, fine, fine, fine])
    expect(got.bodies).toEqual(['1', '2', '3', '4', '5'])
    expect(got.ids).toEqual(
      ['msg_1.0', 'msg_2.0', 'msg_3.0', 'msg_4.0', 'msg_5.0'].map((id) => id as DeliveryId),
    )
    expect(got.mx.connections).toBe(1)
    expect(got.mx.commands.filter((line) => line.endsWith('RSET'))).toEqual([])
  })

  test.each([
    // what happens to the third → what is said of it, who arrives, over how many connections
    ['RCPT', '550 5.1.1 no', 'bounced RCPT 550', '1 2 4 5', 1],
    ['RCPT', '450 4.2.0 no', 'deferred RCPT 450', '1 2 4 5', 2],
    ['MAIL', '550 5.7.1 no', 'bounced MAIL 550', '1 2 4 5', 1],
    ['MAIL', '421 4.7.0 enough', fine, '1 2 3 4 5', 2],
    ['MAIL', { drop: true }, fine, '1 2 3 4 5', 2],
    ['BODY', '554 5.6.0 no', 'bounced BODY 554', '1 2 4 5', 1],
    ['BODY', '451 4.3.0 no', 'deferred BODY 451', '1 2 4 5', 1],
    ['BODY', '421 4.3.2 bye', 'deferred BODY 421', '1 2 4 5', 2],
    ['BODY', { drop: true, store: true }, 'deferred uncertain', '1 2 3 4 5', 2],
    ['BODY', { drop: true }, 'deferred uncertain', '1 2 4 5', 2],
  ] satisfies [Moment, Behaviour, string, string, number][])('%s %j', async (...row) => {
    const [moment, behaviour, want, arrived, connections] = row
    const got = await five({ at: third(moment, behaviour) })
    expect(got.said).toEqual([fine, fine, want, fine, fine])
    expect(got.bodies.join(' ')).toBe(arrived)
    // The second try of a 450 is a place of its own only where there is one: here it is the same host.
    expect(got.mx.connections).toBeLessThanOrEqual(Math.max(connections, 2))
  })

  test('a stop reports what is under way at the peer', async () => {
    const mx = await hosts.start({
      at: (moment, seen) => (moment === 'BODY' && seen.accepted === 1 ? { hang: true } : undefined),
    })
    const stop = new AbortController()
    const reports: DeliveryReport[] = []
    const { slot } = slotWith({ stop: stop.signal, report: (report) => reports.push(report) })
    for (const n of [1, 2, 3, 4]) slot.push(orderFor({ mx: [mx], id: `msg_${n}.0` }))
    await until(
      'the second content is there',
      () => mx.commands.filter((line) => line === '1: BODY').length === 2,
    )
    const finished = slot.finish()
    stop.abort()
    await finished
    expect(reports.map((report) => said(report.outcome))).toEqual([
      fine,
      'deferred uncertain',
      'deferred internal',
    ])
    expect(mx.messages.length).toBe(1)
  })
})
