import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { MAX_HEADER_OCTETS, sayScanFault, scanMessage } from '../../../src/mail/mime/scan.ts'

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

function scanned(text: string) {
  const scan = scanMessage(bytes(text))
  if (!scan.ok) throw new Error(sayScanFault(scan.error))
  return scan.value
}

describe('scanMessage', () => {
  test('finds fields and body by offset', () => {
    const text = 'From: a@b.cc\r\nX-Long: one\r\n two\r\n\tthree\r\nfrom : again\r\n\r\nBody\r\n'
    const scan = scanned(text)
    expect(scan.fields.map(({ name }) => name)).toEqual(['from', 'x-long', 'from'])
    expect(scan.value('x-long')).toBe('one two\tthree')
    expect(scan.value('absent')).toBeNull()
    expect(scan.count('from')).toBe(2)
    expect(scan.values('from')).toEqual(['a@b.cc', 'again'])
    expect(text.slice(scan.bodyStart)).toBe('Body\r\n')
    expect(text.slice(scan.headerEnd, scan.bodyStart)).toBe('\r\n')
    expect(scan.is8bit).toBe(false)
    expect(scan.hasUtf8Header).toBe(false)
  })

  test.each([
    ['no body', 'A: b\r\n', '', 1],
    ['no end of the last line', 'A: b', '', 1],
    ['empty body', 'A: b\r\n\r\n', '', 1],
    ['no header', '\r\nbody', 'body', 0],
    ['nothing', '', '', 0],
    ['colons in the body', 'A: b\r\n\r\nC: d\r\n\r\nE: f', 'C: d\r\n\r\nE: f', 1],
    ['an empty value', 'A:\r\n\r\n', '', 1],
    ['white space alone in a folded line', 'A: b\r\n \r\n\r\nx', 'x', 1],
  ])('%s', (_, text, body, fields) => {
    const scan = scanned(text)
    expect(text.slice(scan.bodyStart)).toBe(body)
    expect(scan.fields.length).toBe(fields)
  })

  test('tells 8-bit bodies from UTF-8 headers', () => {
    expect(scanned('A: b\r\n\r\n\xe4')).toMatchObject({ is8bit: true, hasUtf8Header: false })
    expect(scanned('A: \xc3\xa4\r\n\r\nb')).toMatchObject({ is8bit: false, hasUtf8Header: true })
    expect(scanned('A: \xc3\xa4\r\n\r\nb').value('a')).toBe('ä')
  })

  test.each([
    ['bare-lf', 'A: b\n\r\n', 1],
    ['bare-lf', 'A: b\r\n\r\none\r\ntwo\nthree\r\n', 4],
    ['bare-lf', 'A: b\r\n\r\none\r\n\n', 4],
    ['bare-cr', 'A: b\rc\r\n\r\n', 1],
    ['bare-cr', 'A: b\r\n\r\nx\r', 3],
    ['bare-cr', 'A: b\r\n\r\nx\r\r\n', 3],
    ['bare-cr', 'A: b\r\n\r\nx\ry\nz', 3],
    ['nul', 'A: b\r\n\r\nx\r\ny\0\r\n', 4],
    ['nul', '\0', 1],
    ['malformed-header', 'A: b\r\nno field\r\n\r\n', 2],
    ['malformed-header', ' A: b\r\n\r\n', 1],
    ['malformed-header', ': b\r\n\r\n', 1],
    ['malformed-header', '\xe4: b\r\n\r\n', 1],
    ['malformed-header', 'From a@b.cc Mon Nov 23\r\nA: b\r\n\r\n', 1],
    ['line-too-long', `A: ${'x'.repeat(996)}\r\n\r\n`, 1],
    ['line-too-long', `A: b\r\n\r\n${'x'.repeat(999)}\r\n`, 3],
    ['line-too-long', `A: b\r\n\r\n${'x'.repeat(999)}`, 3],
    ['header-too-large', 'A: b\r\n'.repeat(MAX_HEADER_OCTETS / 6 + 1), 17068],
  ] as const)('%s is refused', (kind, text, line) => {
    const scan = scanMessage(bytes(text))
    expect(scan).toEqual({ ok: false, error: { kind, line } })
    if (!scan.ok) expect(sayScanFault(scan.error)).toMatch(/^[ -~]+$/)
  })

  test('a line of 998 octets passes', () => {
    expect(scanned(`A: ${'x'.repeat(995)}\r\n\r\n${'y'.repeat(998)}\r\n`).fields.length).toBe(1)
  })

  test('what passes has no bare CR, LF or NUL and is covered by its fields', () => {
    const soup = fc.array(
      fc.constantFrom('A', ':', ' ', '\r\n', '\r', '\n', '\0', '\xff', 'From: x', '\r\n\r\n'),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(soup, (pieces) => {
        const text = pieces.join('')
        const scan = scanMessage(bytes(text))
        const clean = !/\r(?!\n)|(?<!\r)\n|\0/.test(text)
        if (!scan.ok) {
          expect(clean).toBe(scan.error.kind === 'malformed-header')
          return
        }
        expect(clean).toBe(true)
        const { fields, headerEnd } = scan.value
        expect(fields.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text.slice(0, headerEnd))
      }),
      { numRuns: 3000 },
    )
  })
})
