import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseMail, parseRcpt } from '../../../src/edge/smtpd/envelope-commands.ts'
import { parseXtext } from '../../../src/edge/smtpd/xtext.ts'

const mail = (rest: string): unknown => {
  const got = parseMail(rest)
  return got.ok ? got.value : `${got.error.code} ${got.error.text.slice(0, 5)}`
}
const rcpt = (rest: string, smtpUtf8 = false): unknown => {
  const got = parseRcpt(rest, { smtpUtf8, hostname: 'mail.example.com' })
  return got.ok ? got.value : `${got.error.code} ${got.error.text.slice(0, 5)}`
}
const NOTHING = { smtpUtf8: false, declaredSize: null, requireTls: false, ret: null, envid: null }

test.each([
  ['<>', { ...NOTHING, reversePath: null }],
  ['<a@Example.COM>', { ...NOTHING, reversePath: 'a@example.com' }],
  [' <a@example.com>  SIZE=12 ', { ...NOTHING, reversePath: 'a@example.com', declaredSize: 12 }],
  ['<a@example.com> size=12 body=8bitmime', { ...NOTHING, reversePath: 'a@example.com', declaredSize: 12 }],
  ['<@x.org,@y.org:a@example.com>', { ...NOTHING, reversePath: 'a@example.com' }],
  ['<"a b>"@example.com> RET=full', { ...NOTHING, reversePath: '"a b>"@example.com', ret: 'FULL' }],
  ['<"a\\">b"@example.com>', { ...NOTHING, reversePath: '"a\\">b"@example.com' }],
  ['<a@example.com> ENVID=a+2Bb', { ...NOTHING, reversePath: 'a@example.com', envid: 'a+b' }],
  ['<a@example.com> AUTH=<>', { ...NOTHING, reversePath: 'a@example.com' }],
  ['<a@bücher.example> SMTPUTF8', { ...NOTHING, reversePath: 'a@xn--bcher-kva.example', smtpUtf8: true }],
  ['<ü@example.com> SMTPUTF8', { ...NOTHING, reversePath: 'ü@example.com', smtpUtf8: true }],
  ['', '501 5.5.4'],
  ['a@example.com', '501 5.5.4'],
  ['<a@example.com', '501 5.5.4'],
  ['<a@example.com>SIZE=1', '501 5.5.4'],
  ['<a@example.com> SIZE', '501 5.5.4'],
  ['<a@example.com> SIZE=', '501 5.5.4'],
  ['<a@example.com> SIZE=-1', '501 5.5.4'],
  [`<a@example.com> SIZE=${'9'.repeat(21)}`, '501 5.5.4'],
  ['<a@example.com> SIZE=1 size=2', '501 5.5.4'],
  ['<a@example.com> =1', '501 5.5.4'],
  ['<a@example.com> BODY=BINARYMIME', '501 5.5.4'],
  ['<a@example.com> SMTPUTF8=yes', '501 5.5.4'],
  ['<a@example.com> RET=SOME', '501 5.5.4'],
  ['<a@example.com> ENVID=a+0Ab', '501 5.5.4'],
  ['<a@example.com> ENVID=a=b', '501 5.5.4'],
  [`<a@example.com> ENVID=${'x'.repeat(101)}`, '501 5.5.4'],
  ['<a@example.com> REQUIRETLS', '555 5.5.4'],
  ['<a@example.com> NOTIFY=NEVER', '555 5.5.4'],
  [`<${'a'.repeat(600)}@example.com>`, '501 5.5.4'],
  ['<a>', '553 5.1.7'],
  ['<@example.com>', '553 5.1.7'],
  ['<a@example.com,b@example.com>', '553 5.1.7'],
  ['<a@[127.0.0.1]>', '553 5.1.7'],
  ['<ü@example.com>', '553 5.6.7'],
])('MAIL FROM:%s', (rest, want) => {
  expect(mail(rest)).toEqual(want)
})

test.each([
  ['<b@example.net>', { forwardPath: 'b@example.net', notify: null, orcpt: null }],
  ['<Postmaster>', { forwardPath: 'postmaster@mail.example.com', notify: null, orcpt: null }],
  [
    '<b@example.net> NOTIFY=success,Failure ORCPT=RFC822;b+40example.net',
    { forwardPath: 'b@example.net', notify: ['SUCCESS', 'FAILURE'], orcpt: 'rfc822;b@example.net' },
  ],
  ['<b@example.net> NOTIFY=NEVER', { forwardPath: 'b@example.net', notify: ['NEVER'], orcpt: null }],
  ['<>', '553 5.1.3'],
  ['<b@example.net> NOTIFY=NEVER,FAILURE', '501 5.5.4'],
  ['<b@example.net> NOTIFY=SOON', '501 5.5.4'],
  ['<b@example.net> NOTIFY', '501 5.5.4'],
  ['<b@example.net> ORCPT=b@example.net', '501 5.5.4'],
  ['<b@example.net> ORCPT=rfc822;', '501 5.5.4'],
  ['<b@example.net> ORCPT=rfc822;a+0D+0Ab', '501 5.5.4'],
  ['<b@example.net> SIZE=1', '555 5.5.4'],
  ['<ü@example.net>', '553 5.6.7'],
])('RCPT TO:%s', (rest, want) => {
  expect(rcpt(rest)).toEqual(want)
})

test('xtext never decodes to a control character, and never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const lowest = Math.min(
        0x20,
        ...[...(parseXtext(text) ?? '')].map((character) => character.charCodeAt(0)),
      )
      expect(lowest).toBeGreaterThanOrEqual(0x20)
    }),
  )
})

test('whatever is said, there is an answer', () => {
  const word = fc.constantFrom(
    '<',
    '>',
    '@',
    '"',
    '\\',
    'a',
    'example.com',
    ' ',
    'SIZE=',
    '1',
    ':',
    ',',
    'ü',
    'ORCPT=rfc822;',
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      for (const got of [mail(words.join('')), rcpt(words.join(''), true)]) {
        if (typeof got === 'string') expect(got).toMatch(/^5\d\d 5\.\d\.\d$/)
      }
    }),
    { numRuns: 2000 },
  )
})

test('REQUIRETLS is known where it was offered, and takes no value (RFC 8689)', () => {
  const secure = { requireTls: true }
  expect(parseMail('<a@example.com> REQUIRETLS', secure)).toMatchObject({
    ok: true,
    value: { requireTls: true },
  })
  expect(parseMail('<a@example.com> REQUIRETLS=1', secure)).toMatchObject({ error: { code: 501 } })
  expect(parseMail('<a@example.com>', secure)).toMatchObject({ value: { requireTls: false } })
})
