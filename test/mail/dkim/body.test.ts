import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { canonicalizeBody, hashBody } from '../../../src/mail/dkim/body.ts'

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
const canonical = (text: string): string => Buffer.from(canonicalizeBody(latin1(text))).toString('latin1')

describe('relaxed body (RFC 6376 §3.4.4)', () => {
  test.each([
    // name, body, canonical form
    ['empty', '', ''],
    ['one empty line', '\r\n', ''],
    ['empty lines only', '\r\n\r\n\r\n', ''],
    ['white space only', ' \t \r\n\t\r\n', ''],
    ['white space without a line end', '  \t', ''],
    ['canonical already', 'a b\r\n\r\nc\r\n', 'a b\r\n\r\nc\r\n'],
    ['no final line end', 'a', 'a\r\n'],
    ['no final line end after others', 'a\r\nb', 'a\r\nb\r\n'],
    ['empty lines at the end', 'a\r\n\r\n\r\n', 'a\r\n'],
    ['white space at line ends', 'a \t\r\nb\t\r\n', 'a\r\nb\r\n'],
    ['white space at the very end', 'a ', 'a\r\n'],
    ['runs of white space', 'a  b\t\tc \t d\r\n', 'a b c d\r\n'],
    ['one tab', 'a\tb\r\n', 'a b\r\n'],
    ['leading white space is kept as one', '   a\r\n\tb\r\n', ' a\r\n b\r\n'],
    ['lines of white space inside', 'a\r\n  \r\nb\r\n', 'a\r\n\r\nb\r\n'],
    ['lines of white space at the end', 'a\r\n  \r\n\t\r\n', 'a\r\n'],
    ['the RFC’s example (§3.4.5)', ' C \r\nD \t E\r\n\r\n\r\n', ' C\r\nD E\r\n'],
    ['NBSP, VT, FF are text', '\xa0 \xa0\x0b\x0c \r\n\x0c\r\n', '\xa0 \xa0\x0b\x0c\r\n\x0c\r\n'],
    ['octets that are no UTF-8', '\xff\xfe \xc3\r\n', '\xff\xfe \xc3\r\n'],
    ['a lone LF ends no line', 'a \nb\r\n', 'a \nb\r\n'],
    ['a lone CR ends no line', 'a \rb\r\n', 'a \rb\r\n'],
    ['CR before CRLF', 'a\r\r\n', 'a\r\r\n'],
    ['a final lone LF', 'a\n', 'a\n\r\n'],
    ['a final lone CR', 'a\r', 'a\r\r\n'],
    ['NUL', 'a\0b \r\n', 'a\0b\r\n'],
  ])('%s', (_name, body, want) => {
    expect(canonical(body)).toBe(want)
  })

  test('what is canonical already is not copied', () => {
    const body = latin1('Hello\r\n\r\nyou\r\n')
    const got = canonicalizeBody(body)
    expect(got.buffer).toBe(body.buffer)
    expect(got.byteOffset).toBe(body.byteOffset)
  })

  test('agrees with the rule applied line by line, and is stable', () => {
    const octets = fc.array(fc.constantFrom(...' \t\r\nab\xa0\x0b'.split(''), '\r\n'), { maxLength: 40 })
    fc.assert(
      fc.property(octets, (pieces) => {
        const body = pieces.join('')
        const once = canonical(body)
        expect(once).toBe(byTheRule(body))
        expect(canonical(once)).toBe(once)
      }),
      { numRuns: 2000 },
    )
  })

  test('a view into a larger buffer is read within its bounds', () => {
    const whole = latin1('xx\r\na  b \r\n\r\nyy')
    expect(Buffer.from(canonicalizeBody(whole.subarray(4, 13))).toString()).toBe('a b\r\n')
  })

  test('the hash of the empty body is the one of §3.4.4', () => {
    expect(String(hashBody(latin1('\r\n\r\n')))).toBe('47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=')
  })
})

/** Slow and obvious: §3.4.4 read aloud. */
function byTheRule(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''))
  while (lines.length > 0 && lines[lines.length - 1] === '') lines.pop()
  return lines.map((line) => `${line}\r\n`).join('')
}
