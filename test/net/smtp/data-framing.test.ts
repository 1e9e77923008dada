import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { frame, stuff } from '../../../src/net/smtp/data-framing.ts'

test.each([
  [['a\r\n'], 'a\r\n.\r\n'],
  [[''], '.\r\n'],
  [[], '.\r\n'],
  [['.\r\n'], '..\r\n.\r\n'],
  [['.a\r\n..b\r\nc.\r\n.'], '..a\r\n...b\r\nc.\r\n..\r\n.\r\n'],
  [['no end'], 'no end\r\n.\r\n'],
  [['ends in CR\r'], 'ends in CR\r\r\n.\r\n'],
  [['H: 1\r\n', '.b\r\n'], 'H: 1\r\n..b\r\n.\r\n'],
  [['H: 1\r\n', ''], 'H: 1\r\n.\r\n'],
])('%j', (pieces, want) => {
  expect(Buffer.concat(frame(pieces.map((piece) => Buffer.from(piece)))).toString()).toBe(want)
})

test('without leading dots there is no copy', () => {
  const message = Buffer.from('a\r\nb.c\r\n')
  expect(stuff(message)).toBe(message)
})

test('whatever the lines, the receiver gets them back, and only the end ends', () => {
  const line = fc.oneof(
    fc.constantFrom('.', '..', '', '.x', 'x.', '...'),
    fc.string({ maxLength: 6 }).map((it) => it.replace(/[\r\n\0]/g, '')),
  )
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
      const message = lines.map((it) => `${it}\r\n`).join('')
      const wire = Buffer.concat(frame([Buffer.from(message)])).toString()
      expect(`\r\n${wire}`.indexOf('\r\n.\r\n')).toBe(wire.length - 3)
      expect(/[^\r]\n|\r[^\n]|\0/.test(wire)).toBe(false)
      const received = wire
        .slice(0, -3)
        .split('\r\n')
        .map((it) => (it.startsWith('.') ? it.slice(1) : it))
      expect(received.join('\r\n')).toBe(message)
    }),
    { numRuns: 1000 },
  )
})
