import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { simpleParser } from 'mailparser'
import { type Mailbox, type NamedMailbox, parseMailbox } from '../../../src/core/address.ts'
import {
  addressField,
  parseAddressList,
  parseNamedMailbox,
  sayAddressListFault,
} from '../../../src/mail/mime/addresses.ts'

const mailbox = (text: string): Mailbox => {
  const parsed = parseMailbox(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error}`)
  return parsed.value
}
const named = (text: string, name: string | null = null): NamedMailbox => ({ name, mailbox: mailbox(text) })

describe('an address list', () => {
  test.each<[string, readonly NamedMailbox[]]>([
    ['a@b.cc', [named('a@b.cc')]],
    ['  a@b.cc ', [named('a@b.cc')]],
    ['Jane Doe <j@x.yz>', [named('j@x.yz', 'Jane Doe')]],
    ['"Doe, Jane" <j@x.yz>, b@c.de (Bob)', [named('j@x.yz', 'Doe, Jane'), named('b@c.de', 'Bob')]],
    ['"a \\"b\\" c" <j@x.yz>', [named('j@x.yz', 'a "b" c')]],
    ['undisclosed-recipients:;', []],
    ['', []],
    ['g: a@b.cc, "x" <c@d.ee>; , z@z.zz', [named('a@b.cc'), named('c@d.ee', 'x'), named('z@z.zz')]],
    ['"a b"@x.yz', [named('"a b"@x.yz')]],
    ['"a . b"@x.yz', [named('"a . b"@x.yz')]],
    ['"a>b"@x.yz', [named('"a>b"@x.yz')]],
    ['<"a>b"@x.yz>', [named('"a>b"@x.yz')]],
    ['a . b @ x.yz', [named('a.b@x.yz')]],
    ['=?utf-8?Q?J=C3=B6rg?= =?utf-8?B?w7w=?= <j@x.yz>', [named('j@x.yz', 'Jörgü')]],
    ['=?iso-8859-1?Q?J=F6rg?= <j@x.yz>', [named('j@x.yz', 'Jörg')]],
    ['=?no-such-set?Q?Jorg?= <j@x.yz>', [named('j@x.yz', 'Jorg')]],
    ['(c (n) x) <a@b.cc> (y)', [named('a@b.cc')]],
    ['<@r1,@r2:a@b.cc>', [named('a@b.cc')]],
    ['a@b.cc,, b@b.cc,', [named('a@b.cc'), named('b@b.cc')]],
    ['Acme Inc. <a@b.cc>', [named('a@b.cc', 'Acme Inc.')]],
    ['Jörg <jörg@bücher.example>', [named('jörg@xn--bcher-kva.example', 'Jörg')]],
  ])('%s', (text, want) => {
    expect(parseAddressList(text)).toEqual({ ok: true, value: want })
  })

  test.each([
    ['John', 'no-domain'],
    ['Jane j@x.yz', 'bad-local-part'],
    ['a@b.cc c@d.ee', 'bad-local-part'],
    ['g: a@b.cc; c@d.ee', 'bad-syntax'],
    ['g: a@b.cc', 'bad-syntax'],
    ['g: h: a@b.cc;;', 'bad-syntax'],
    ['a@b.cc;', 'bad-syntax'],
    ['"open <a@b.cc>', 'bad-syntax'],
    ['(open a@b.cc', 'bad-syntax'],
    ['Jane <a@b.cc', 'bad-syntax'],
    ['Jane <a@b.cc> x', 'bad-syntax'],
    ['a@b.cc>', 'bad-syntax'],
    ['a@[192.0.2.1]', 'bad-domain'],
    ['('.repeat(50), 'bad-syntax'],
  ])('%s is refused', (text, kind) => {
    const parsed = parseAddressList(text)
    expect(parsed).toMatchObject({ ok: false, error: { kind } })
    if (!parsed.ok) expect(sayAddressListFault(parsed.error)).not.toMatch(/[\r\n]/)
  })

  test('no text breaks the reader', () => {
    const soup = fc.string({ unit: fc.constantFrom(...'ab@.,;:<>()"\\ \t=?Q'), maxLength: 60 })
    fc.assert(
      fc.property(soup, (text) => {
        parseAddressList(text)
        parseNamedMailbox(text)
      }),
      { numRuns: 3000 },
    )
  })

  test('length costs no more than itself', () => {
    for (const piece of ['(', '"', '<', 'a ', '\\', 'a@b.cc,', '=?utf-8?Q?', ';', ':']) {
      parseAddressList(piece.repeat(100_000 / piece.length))
    }
  })
})

describe('one mailbox as the API takes it', () => {
  test.each<[string, NamedMailbox]>([
    ['a@b.cc', named('a@b.cc')],
    ['<a@b.cc>', named('a@b.cc')],
    [' Jane Doe  <a@b.cc> ', named('a@b.cc', 'Jane Doe')],
    ['Doe, Jane <a@b.cc>', named('a@b.cc', 'Doe, Jane')],
    ['Acme (Sales) Inc. <a@b.cc>', named('a@b.cc', 'Acme (Sales) Inc.')],
    ['"a@x.yz, B" <a@b.cc>', named('a@b.cc', 'a@x.yz, B')],
    ['Grüße 🎉 <a@b.cc>', named('a@b.cc', 'Grüße 🎉')],
  ])('%s', (text, want) => {
    expect(parseNamedMailbox(text)).toEqual({ ok: true, value: want })
  })

  test.each([
    ['', 'no-domain'],
    ['a@x.yz, b@y.zz', 'bad-local-part'],
    ['a@x.yz, B <b@y.zz>', 'several'],
    ['A <a@b.cc>, B <b@y.zz>', 'several'],
    ['A\r\nBcc: x <a@b.cc>', 'control-character'],
    ['=?utf-8?Q?a=0D=0AX:y?= <a@b.cc>', 'control-character'],
    ['A\ud800 <a@b.cc>', 'lone-surrogate'],
    ['A a@b.cc>', 'bad-syntax'],
    ['A <a@b.cc\n>', 'control-character'],
  ])('%j is refused', (text, kind) => {
    expect(parseNamedMailbox(text)).toMatchObject({ ok: false, error: { kind } })
  })
})

describe('an address field', () => {
  test('folds between mailboxes', () => {
    const list = [
      named('jane@example.com', 'Jane Doe'),
      named('b@c.de', 'Doe, Bob'),
      named('c@example.com', 'Jörg'),
    ]
    expect(addressField('To', list)).toBe(
      'To: Jane Doe <jane@example.com>, "Doe, Bob" <b@c.de>,\r\n =?UTF-8?Q?J=C3=B6rg?= <c@example.com>\r\n',
    )
  })

  const names = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 120 })
    .filter((text) => !/\p{Cc}/u.test(text) && text.trim() === text && text.isWellFormed())
  const boxes = fc.constantFrom(
    'a@b.cc',
    '"x, y"@b.cc',
    'jörg@b.cc',
    `${'l'.repeat(64)}@${'d'.repeat(60)}.example`,
  )
  const lists = fc.array(fc.record({ name: fc.option(names), mailbox: boxes.map(mailbox) }), {
    minLength: 1,
    maxLength: 6,
  })

  test('comes back as it was, in lines that hold', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const field = addressField('To', list)
        for (const line of field.split('\r\n')) expect(line.length).toBeLessThanOrEqual(200)
        const value = field.slice('To:'.length).replaceAll('\r\n', '')
        expect(parseAddressList(value)).toEqual({ ok: true, value: list })
      }),
      { numRuns: 300 },
    )
  })

  test('an independent parser reads the same', async () => {
    await fc.assert(
      fc.asyncProperty(lists, async (list) => {
        const plain = list.filter(({ mailbox: box }) => !box.startsWith('"'))
        if (plain.length === 0) return
        const mail = await simpleParser(Buffer.from(`${addressField('To', plain)}\r\n`))
        const got = [mail.to ?? []].flat().flatMap(({ value }) => value)
        expect(got.map(({ address }) => address ?? '')).toEqual(
          plain.map(({ mailbox: box }) => box.replace('xn--', 'xn--')),
        )
      }),
      { numRuns: 60 },
    )
  })
})
