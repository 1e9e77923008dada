import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { formatEnhanced, type Reply } from '../../../src/core/reply.ts'
import { MAX_REPLY_OCTETS, ReplyParser } from '../../../src/net/smtp/reply-parser.ts'

const spell = ({ code, enhanced, text }: Reply): string =>
  `${code} ${enhanced === null ? '-' : formatEnhanced(enhanced)} ${JSON.stringify(text)}`

test.each([
  ['250 Ok\r\n', ['250 - "Ok"']],
  ['250\r\n', ['250 - ""']],
  ['250 \r\n', ['250 - ""']],
  ['250 bare LF\n', ['250 - "bare LF"']],
  ['250 2.1.0 Ok\r\n', ['250 2.1.0 "Ok"']],
  ['250 2.1.0\r\n', ['250 2.1.0 ""']],
  ['550 2.1.0 wrong class\r\n', ['550 - "2.1.0 wrong class"']],
  ['550-5.1.1 first\r\n550 5.1.1 second\r\n', ['550 5.1.1 "first\\nsecond"']],
  ['550-5.1.1 first\r\n550 second\r\n', ['550 5.1.1 "first\\nsecond"']],
  ['550-5.1.1 a\r\n550-5.1.10 b\r\n550 5.1.1\r\n', ['550 5.1.1 "a\\n5.1.10 b\\n"']],
  ['250-a\r\n250-\r\n250 b\r\n', ['250 - "a\\n\\nb"']],
  ['250-a\r\n550 codes differ\r\n', ['550 - "a\\ncodes differ"']],
  ['250 a\r\n354 b\r\n', ['250 - "a"', '354 - "b"']],
  ['550 gr\u00fc\u00df\r\n', ['550 - "gr\u00fc\u00df"']],
])('%j', (bytes, want) => {
  const whole = new ReplyParser().push(Buffer.from(bytes))
  expect(whole.ok && whole.value.map(spell)).toEqual(want)
  const parser = new ReplyParser()
  const single: string[] = []
  for (const octet of Buffer.from(bytes)) {
    const got = parser.push(Buffer.from([octet]))
    if (got.ok) single.push(...got.value.map(spell))
  }
  expect(single).toEqual(want)
  expect(parser.midway).toBe(false)
})

test.each([
  'HTTP/1.1 400\r\n',
  '\r\n',
  '25\r\n',
  '250x\r\n',
  '099 low\r\n',
  '600 high\r\n',
  ' 250 Ok\r\n',
  '250-a\r\nb\r\n',
])('malformed: %j', (bytes) => {
  expect(new ReplyParser().push(Buffer.from(bytes))).toEqual({ ok: false, error: 'malformed' })
})

test.each([
  ['one endless line', Buffer.alloc(MAX_REPLY_OCTETS + 1, 'x')],
  ['endless lines', Buffer.from('250-x\r\n'.repeat(MAX_REPLY_OCTETS / 7 + 1))],
])('%s has an end', (_, bytes) => {
  expect(new ReplyParser().push(bytes)).toEqual({ ok: false, error: 'too-long' })
})

test('any cut of any bytes gives the same replies, and nothing throws', () => {
  const piece = fc.oneof(
    fc.constantFrom('250 Ok\r\n', '250-', '354 ', '550 5.1.1 no\r\n', '\r\n', '\n', '421', '-', ' '),
    fc.string({ maxLength: 8 }),
  )
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }),
      fc.array(fc.nat(60), { maxLength: 6 }),
      (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(''))
        expect(collect(split(bytes, cuts))).toEqual(collect([bytes]))
      },
    ),
    { numRuns: 2000 },
  )
})

function collect(chunks: readonly Buffer[]): string[] {
  const parser = new ReplyParser()
  const got: string[] = []
  for (const chunk of chunks) {
    const replies = parser.push(chunk)
    // After a fault the connection ends; what came whole before it in the same packet is lost with it.
    if (!replies.ok) return [replies.error]
    got.push(...replies.value.map(spell))
  }
  return got
}

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.filter((cut) => cut < bytes.length))].sort((a, b) => a - b)
  const chunks: Buffer[] = []
  let from = 0
  for (const cut of at) {
    chunks.push(bytes.subarray(from, cut))
    from = cut
  }
  chunks.push(bytes.subarray(from))
  return chunks
}
