import { expect, test } from 'bun:test'
import { wordsOf } from '../../../src/services/contents/words.ts'

const letter = (...lines: readonly string[]) => Buffer.from(lines.join('\r\n'), 'latin1')
const utf8 = (text: string): string => Buffer.from(text).toString('latin1')

const MIXED = letter(
  'Content-Type: multipart/mixed; boundary=o',
  '',
  '--o',
  'Content-Type: multipart/alternative; boundary=i',
  '',
  '--i',
  'Content-Type: text/plain; charset=utf-8',
  '',
  utf8('Grüße'),
  '--i',
  'Content-Type: text/html; charset=iso-8859-1',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  '<p>Gr=FC=DFe</p>',
  '--i--',
  '--o',
  'Content-Type: text/html; name="x.html"',
  '',
  '<b>attached</b>',
  '--o--',
  '',
)

test('both parts are found and decoded, and no attachment is taken for them', () => {
  expect(wordsOf(MIXED, 'text')).toBe('Grüße')
  expect(wordsOf(MIXED, 'html')).toBe('<p>Grüße</p>')
})

test.each([
  ['without a type', letter('Subject: x', '', 'plain'), 'text', 'plain'],
  ['of no such part', letter('Subject: x', '', 'plain'), 'html', null],
  ['in base64', letter('Content-Transfer-Encoding: base64', '', 'R3LDvMOfZQ=='), 'text', 'Grüße'],
  [
    'in a charset that nobody knows',
    letter('Content-Type: text/plain; charset=x-none', '', 'Gr\u00fc'),
    'text',
    'Grü',
  ],
  ['in an encoding of its own', letter('Content-Transfer-Encoding: x-uue', '', 'begin'), 'text', 'begin'],
  ['that is only attached', letter('Content-Disposition: attachment', '', 'file'), 'text', null],
  ['whose header is damaged', letter('no header at all', '', 'x'), 'html', null],
] as const)('a message %s', (_, message, kind, want) => {
  expect(wordsOf(message, kind)?.trimEnd() ?? null).toBe(want)
})
