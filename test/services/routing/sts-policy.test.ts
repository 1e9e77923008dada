import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { announcedId, matchesPolicy, parseStsPolicy } from '../../../src/services/routing/sts-policy.ts'

describe('the record', () => {
  test.each<[readonly string[], string | null]>([
    [['v=STSv1; id=20160831085700Z;'], '20160831085700Z'],
    [['v=STSv1;id=1'], '1'],
    [['v=STSv1 ; x=y; id = abc ;'], 'abc'],
    [['v=spf1 -all', 'v=STSv1; id=1;'], '1'],
    [[], null],
    [['v=STSv1'], null],
    [['v=STSv1; id=;'], null],
    [['v=STSv1; id=a-b;'], null],
    [[`v=STSv1; id=${'a'.repeat(33)};`], null],
    [['v=STSv2; id=1;'], null],
    [['v=STSv10; id=1;'], null],
    [['id=1; v=STSv1;'], null],
    [['v=STSv1; id=1;', 'v=STSv1; id=2;'], null],
  ])('%p', (texts, want) => expect(announcedId(texts)).toBe(want))
})

describe('the policy', () => {
  const GOOD =
    'version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.Example.NET\r\nmax_age: 604800\r\n'
  const enforce = { mode: 'enforce' as const, mx: ['mail.example.com', '*.example.net'], maxAge: 604_800_000 }

  test.each([
    ['as RFC 8461 shows it', GOOD],
    ['with LF alone', GOOD.replaceAll('\r\n', '\n')],
    ['without a last line end', GOOD.trimEnd()],
    ['with blanks', GOOD.replaceAll(': ', ' :\t ').replaceAll('\r\n', ' \r\n')],
    ['in another order, with empty lines', `\n\n${GOOD.split('\r\n').reverse().join('\n')}`],
    ['with keys of later versions', `${GOOD}x-new: anything: at all\r\n`],
    ['with a second mode, which does not count', `${GOOD}mode: none\r\nmax_age: 1\r\nversion: STSv2\r\n`],
    ['with a name said twice', `${GOOD}mx: mail.example.com.\r\n`],
  ])('%s', (_what, body) => {
    const read = parseStsPolicy(body)
    if (!read.ok) throw new Error(read.error)
    expect({ ...read.value, mx: [...read.value.mx].sort().reverse() }).toEqual(enforce)
  })

  test.each([
    ['mode: none needs no hosts', 'version: STSv1\nmode: none\nmax_age: 86400', 'none', 86_400_000],
    ['a year is the most', GOOD.replace('604800', '9999999999'), 'enforce', 31_557_600_000],
    ['testing', GOOD.replace('enforce', 'testing'), 'testing', 604_800_000],
    ['no time at all', GOOD.replace('604800', '0'), 'enforce', 0],
  ])('%s', (_what, body, mode, maxAge) => {
    expect(parseStsPolicy(body)).toMatchObject({ ok: true, value: { mode, maxAge } })
  })

  test.each([
    ['', 'version'],
    ['<html><body>404</body></html>', 'this line is no field'],
    [GOOD.replace('STSv1', 'STSv2'), 'version'],
    [GOOD.replace('enforce', 'Enforce'), 'mode'],
    [GOOD.replace('mode: enforce\r\n', ''), 'mode'],
    [GOOD.replace('604800', '-1'), 'max_age'],
    [GOOD.replace('604800', '1e5'), 'max_age'],
    [GOOD.replace('max_age: 604800\r\n', ''), 'max_age'],
    [GOOD.replaceAll(/mx: .*\r\n/g, ''), 'no mx'],
    [GOOD.replace('*.Example.NET', '*.*.example.net'), 'mx:'],
    [GOOD.replace('*.Example.NET', 'm*.example.net'), 'mx:'],
    [GOOD.replace('*.Example.NET', '.example.net'), 'mx:'],
    [GOOD.replace('*.Example.NET', '*'), 'mx:'],
    [GOOD.replace('*.Example.NET', ''), 'mx:'],
    [GOOD + Array.from({ length: 600 }, (_, n) => `mx: mx${n}.example.net\r\n`).join(''), 'more than'],
  ])('%j is refused for its %s', (body, why) => {
    const read = parseStsPolicy(body)
    expect(read.ok ? '' : read.error).toContain(why)
  })

  test('any text is read or refused, and the reason is one short line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const read = parseStsPolicy(`version: STSv1\nmode: enforce\nmx: ${text}\nmax_age: 5`)
        if (!read.ok) expect(read.error).toMatch(/^[^\r\n]{1,500}$/)
      }),
    )
  })
})

test.each<[string, string, boolean]>([
  ['mail.example.com', 'mail.example.com', true],
  ['mail.example.com', 'example.com', false],
  ['mail.example.com', '*.example.com', true],
  ['a.mail.example.com', '*.example.com', false],
  ['example.com', '*.example.com', false],
  ['mailexample.com', '*.example.com', false],
  ['mail.example.com', '*.com', false],
])('%s against %s: %p', (exchange, pattern, want) => {
  expect(matchesPolicy(exchange, ['other.test', pattern])).toBe(want)
})
