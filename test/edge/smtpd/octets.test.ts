import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { BodyReader } from '../../../src/edge/smtpd/body-reader.ts'
import { Octets } from '../../../src/edge/smtpd/octets.ts'

/** As a socket brings them: each in memory of its own. */
const chunkOf = (size: number, octet = 'a'): Buffer => Buffer.allocUnsafeSlow(size).fill(octet)

test('however it is cut, it comes out as it went in', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 20 }), (pieces) => {
      const octets = new Octets()
      for (const piece of pieces) octets.add(Buffer.from(piece), 0, piece.length)
      expect(octets.whole().equals(Buffer.concat(pieces))).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('what a large message came in is free as soon as it was copied, and the message as soon as it was answered', () => {
  const reader = new BodyReader(1_000_000)
  const chunks = [chunkOf(100_000), chunkOf(100_000), chunkOf(100_000), Buffer.from('\r\n.\r\nQUIT\r\n')]
  for (const chunk of chunks) reader.feed(chunk, 0)
  // Who reads on in the last one still can.
  expect(chunks.map(({ length }) => length)).toEqual([0, 0, 0, 11])
  const bytes = reader.bytes()
  expect([bytes.length, bytes.every((octet) => octet === 97 || octet === 13 || octet === 10)]).toEqual([
    300_002,
    true,
  ])
  reader.discard()
  // Somebody was given it: he may read it although the connection is gone.
  expect(bytes.length).toBe(300_002)
})

test('the message is free as soon as nobody reads it any more', () => {
  const reader = new BodyReader(1_000_000)
  for (const chunk of [chunkOf(400_000), chunkOf(400_000), Buffer.from('\r\n.\r\n')]) reader.feed(chunk, 0)
  const bytes = reader.bytes()
  reader.release()
  expect(bytes.length).toBe(0)
})

test('a view of memory that others use is not given back with it', () => {
  const shared = chunkOf(300_000)
  const reader = new BodyReader(1_000_000)
  reader.feed(shared.subarray(0, 100_000), 0)
  reader.feed(shared.subarray(100_000, 200_000), 0)
  expect(shared.length).toBe(300_000)
})

test('a dot stuffed in every line costs no more memory than its octets', () => {
  const wire = '..\r\n'.repeat(200_000)
  const reader = new BodyReader(1_000_000)
  Bun.gc(true)
  const before = process.memoryUsage().heapUsed
  for (let at = 0; at < wire.length; at += 65_536) reader.feed(Buffer.from(wire.slice(at, at + 65_536)), 0)
  Bun.gc(true)
  const held = process.memoryUsage().heapUsed - before
  // With a view for each line it was 17 MB.
  expect(held).toBeLessThan(5_000_000)
  expect(reader.size).toBe(600_000)
})
