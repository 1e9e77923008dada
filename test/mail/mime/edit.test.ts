import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { editHeader, prepend, withoutFields } from '../../../src/mail/mime/edit.ts'
import { scanMessage } from '../../../src/mail/mime/scan.ts'

function scanOf(bytes: Uint8Array) {
  const scan = scanMessage(bytes)
  if (!scan.ok) throw new Error(scan.error.kind)
  return scan.value
}

test('fields go, everything else stays as it was', () => {
  const bytes = Buffer.from(
    'Bcc: x\r\nA:  b\r\n\tc \r\nBCC : y,\r\n z\r\nD: e\r\nBcc: w\r\n\r\nBcc: body\r\n',
  )
  expect(withoutFields(bytes, scanOf(bytes), new Set(['bcc'])).toString()).toBe(
    'A:  b\r\n\tc \r\nD: e\r\n\r\nBcc: body\r\n',
  )
  expect(editHeader(bytes, scanOf(bytes), (name) => name !== 'd', 'Ü: ü\r\n').toString()).toBe(
    'Ü: ü\r\nD: e\r\n\r\nBcc: body\r\n',
  )
})

test('nothing to do copies nothing', () => {
  const bytes = Buffer.from('A: b\r\n\r\nx')
  expect(withoutFields(bytes, scanOf(bytes), new Set(['bcc']))).toBe(bytes)
})

test('a view into a larger buffer is read in its own bounds', () => {
  const whole = new Uint8Array(Buffer.from('zzzzA: b\r\nBcc: c\r\n\r\nxzzzz'))
  const view = whole.subarray(4, whole.length - 4)
  expect(withoutFields(view, scanOf(view), new Set(['bcc'])).toString()).toBe('A: b\r\n\r\nx')
  expect(prepend('N: ü\r\n', view).toString()).toBe('N: ü\r\nA: b\r\nBcc: c\r\n\r\nx')
})

test('any body octets survive', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (raw) => {
      const body = Buffer.from(raw.filter((octet) => octet !== 0 && octet !== 10 && octet !== 13))
      const bytes = Buffer.concat([Buffer.from('A: b\r\nBcc: c\r\n\r\n'), body])
      const edited = editHeader(bytes, scanOf(bytes), new Set(['bcc']), 'Received: x\r\n')
      expect(edited.subarray(edited.indexOf('\r\n\r\n') + 4).equals(body)).toBe(true)
    }),
  )
})
