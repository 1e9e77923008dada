import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { BodyReader } from '../../../src/edge/smtpd/body-reader.ts'

function read(pieces: readonly string[], maxSize = 1000): BodyReader & { rest: string } {
  const reader = new BodyReader(maxSize)
  let rest = ''
  for (const piece of pieces) {
    const chunk = Buffer.from(piece, 'latin1')
    const end = reader.ended ? 0 : reader.feed(chunk, 0)
    rest += chunk.toString('latin1', end)
  }
  return Object.assign(reader, { rest })
}

test.each([
  // what came, what it says, what follows it
  ['.\r\n', '', ''],
  ['a\r\n.\r\nQUIT\r\n', 'a\r\n', 'QUIT\r\n'],
  ['..\r\n.\r\n', '.\r\n', ''],
  ['.a\r\n.\r\n', 'a\r\n', ''],
  ['a..\r\n..b\r\n\r\n..\r\n.\r\n', 'a..\r\n.b\r\n\r\n.\r\n', ''],
  ['\r\n\r\n.\r\n.\r\n', '\r\n\r\n', '.\r\n'],
])('%j is %j', (wire, body, rest) => {
  const got = read([wire])
  expect([got.ended, got.flaw, got.bytes().toString('latin1'), got.rest]).toEqual([true, null, body, rest])
  expect(got.size).toBe(body.length)
  expect(got.taken).toBe(wire.length - rest.length)
})

test.each([
  ['a\n.\n\r\n.\r\n', 'bare-lf', ''],
  ['a\n.\r\nx\r\n.\r\n', 'bare-lf', ''],
  ['\n.\r\n\r\n.\r\n', 'bare-lf', ''],
  ['.\nx\r\n.\r\n', 'bare-lf', ''],
  ['.\n.\r\n\r\n.\r\n', 'bare-lf', ''],
  ['a\r.\r\n\r\n.\r\n', 'bare-cr', ''],
  ['a\r\r\n.\r\n', 'bare-cr', ''],
  ['a\r\n.\r\r\n.\r\n', 'bare-cr', ''],
  ['a\r\n.\rb\r\n.\r\nNOOP', 'bare-cr', 'NOOP'],
  ['\r\0\r\n.\r\n', 'bare-cr', ''],
  ['a\0\r\n.\r\n', 'nul', ''],
  ['\0\r\n.\r\n', 'nul', ''],
  ['.\0\r\n.\r\n', 'nul', ''],
] as const)('%j is spoilt by %s, and read to its end', (wire, flaw, rest) => {
  const got = read([wire])
  expect([got.ended, got.flaw, got.rest]).toEqual([true, flaw, rest])
})

test('what is too large is not kept, and its end is found', () => {
  const got = read(['0123456789', '0123456789\r\n', '.\r\nQUIT'], 15)
  expect([got.ended, got.tooLarge, got.rest]).toEqual([true, true, 'QUIT'])
})

test('one piece is not copied', () => {
  const chunk = Buffer.from('hello\r\n.\r\n')
  const reader = new BodyReader(100)
  reader.feed(chunk, 0)
  const body = reader.bytes()
  expect(body.toString()).toBe('hello\r\n')
  expect(body.buffer).toBe(chunk.buffer)
})

/** The standard's words, slowly: the first CRLF.CRLF ends; a dot that begins a line goes. */
function asTheStandardSays(wire: string): { flawed: boolean; body: string; rest: string } | null {
  const whole = `\r\n${wire}`
  const end = whole.indexOf('\r\n.\r\n')
  if (end === -1) return null
  const raw = whole.slice(0, end + 2)
  return {
    flawed: /\0|(?:^|[^\r])\n|\r(?!\n)/.test(raw),
    body: raw.replaceAll('\r\n.', '\r\n').slice(2),
    rest: whole.slice(end + 5),
  }
}

test('however it is cut, it reads as the standard says', () => {
  const octet = fc.constantFrom('\r\n', '\r', '\n', '.', '\r\n.', 'a', '\0', '\r\n.\r\n')
  fc.assert(
    fc.property(
      fc.array(octet, { maxLength: 30 }),
      fc.array(fc.nat(60), { maxLength: 6 }),
      (octets, cuts) => {
        const wire = octets.join('')
        const edges = [0, ...cuts.map((cut) => Math.min(cut, wire.length)).sort((a, b) => a - b), wire.length]
        const got = read(edges.slice(1).map((edge, at) => wire.slice(edges[at], edge)))
        const want = asTheStandardSays(wire)
        expect(got.ended).toBe(want !== null)
        if (!want) return
        expect([got.flaw !== null, got.rest]).toEqual([want.flawed, want.rest])
        if (!want.flawed) expect(got.bytes().toString('latin1')).toBe(want.body)
      },
    ),
    { numRuns: 3000 },
  )
})
