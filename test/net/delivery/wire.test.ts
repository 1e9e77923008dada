import { expect, test } from 'bun:test'
import { packOrders, packReports, unpackOrders, unpackReports } from '../../../src/net/delivery/wire.ts'
import { orderFor } from '../../support/orders.ts'

const mx = [{ host: '127.0.0.1', port: 25 }]

test('orders come out as they went in, views on larger buffers and shared contents too', () => {
  const one = orderFor({ mx, body: 'one' })
  const other = orderFor({ mx, body: 'other', recipient: 'j\u00fcrgen@receiver.test', reversePath: null })
  const again = { ...one, slot: 7, shared: true, requireTls: true, tlsOptional: true }
  const own = {
    ...one,
    personal: { tracking: { base: 'https://t.test', opens: true }, unsubscribe: true },
  } as const
  const batch = packOrders([one, other, again, own])
  expect(batch.bytes.length).toBe(one.content.bytes.length + other.content.bytes.length)
  const plain = (order: typeof one) => ({
    ...order,
    content: { ...order.content, bytes: [...order.content.bytes] },
  })
  expect(unpackOrders(batch).map(plain)).toEqual([one, other, again, own].map(plain))
})

test('what goes the same way travels with its way once', () => {
  const one = orderFor({ mx })
  const others = Array.from({ length: 20 }, (_, at) => ({ ...one, slot: at }))
  const elsewhere = orderFor({ mx: [{ host: '127.0.0.9', port: 26 }] })
  const batch = packOrders([one, ...others, elsewhere])
  expect(batch.json.split('127.0.0.1').length).toBe(2)
  expect(unpackOrders(batch).map(({ transport }) => transport)).toEqual(
    [one, ...others, elsewhere].map(({ transport }) => transport),
  )
})

test('a small content does not hold a large batch', () => {
  const small = orderFor({ mx, body: 'small' })
  const large = orderFor({ mx, body: 'x'.repeat(500_000) })
  const [first] = unpackOrders(packOrders([small, large]))
  expect(first?.content.bytes.buffer.byteLength).toBe(small.content.bytes.length)
})

test('a large content is held once, however many orders of a batch are about it', () => {
  const large = orderFor({ mx, body: 'x'.repeat(500_000) })
  const again = { ...large, slot: 7, shared: true }
  const [one, two] = unpackOrders(packOrders([large, again, orderFor({ mx, body: 'small' })]))
  expect(one?.content.bytes.length).toBe(large.content.bytes.length)
  expect(one?.content.bytes.buffer).toBe(two?.content.bytes.buffer as ArrayBuffer)
  const batch = packOrders([large, again])
  expect(unpackOrders(batch)[1]?.content.bytes.buffer).toBe(batch.bytes.buffer)
})

test('reports come out as they went in', () => {
  const reports: Parameters<typeof packReports>[0] = [
    {
      slot: 1,
      deliveryId: orderFor({ mx }).deliveryId,
      outcome: {
        kind: 'delivered',
        reply: { code: 250, enhanced: { class: 2, subject: 0, detail: 0 }, text: 'a\nb"\u2028' },
      },
      evidence: {
        startedAt: 1,
        endedAt: 2,
        mx: 'mx.test',
        address: '::1',
        source: null,
        tls: { version: 'TLSv1.3', cipher: 'x', verified: false },
        peerSoftware: null,
        via: 'direct',
        transcript: '0 CONNECT 220 mx.test',
      },
    },
  ]
  expect(unpackReports(packReports(reports))).toEqual(reports)
})
