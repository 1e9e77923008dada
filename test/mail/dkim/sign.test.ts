import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { hashBody } from '../../../src/mail/dkim/body.ts'
import { SIGNATURE_LIFE, signMessage } from '../../../src/mail/dkim/sign.ts'
import {
  bothKeys,
  HEADER,
  type Parts,
  parts,
  publishedKey,
  SIGNED_AT,
  signed,
  verdicts,
} from '../../support/dkim.ts'

const keys = await bothKeys()
const long = await publishedKey('rsa-sha256', 'mw1r', `${'a'.repeat(60)}.${'b'.repeat(60)}.example.com`)
const prepared = keys.map((key) => key.prepared)
const PASS = ['pass', 'pass']
const OVERSIGNED = 'From To Cc Subject Date Reply-To Message-ID MIME-Version Content-Type'.split(' ')
const PRESENT_ONLY = (
  'Content-Transfer-Encoding Sender In-Reply-To References Feedback-ID List-Id List-Help List-Unsubscribe ' +
  'List-Unsubscribe-Post List-Subscribe List-Post List-Owner List-Archive'
).split(' ')

/** The message with its signatures, and then something done to what was signed. */
const tampered = (message: Parts, change: (text: string) => string): Buffer => {
  const whole = signed(message, keys)
  const signatures = whole.length - message.header.length - 2 - message.body.length
  return Buffer.from(
    whole.toString('latin1', 0, signatures) + change(whole.toString('latin1', signatures)),
    'latin1',
  )
}

describe('signatures of both keys pass an independent verifier', () => {
  const plain = 'Hello\r\n'
  test.each([
    ['a usual message', parts(HEADER, plain)],
    ['an empty body', parts(HEADER, '')],
    ['a body of line ends', parts(HEADER, '\r\n\r\n\r\n')],
    ['a body of white space', parts(HEADER, ' \t\r\n  \r\n')],
    ['a body without a final line end', parts(HEADER, 'Hello')],
    ['untidy white space', parts(HEADER, ' a \t b  \r\n\tc\r\n\r\n\r\n')],
    ['NBSP and the ideographic space', parts(HEADER, 'a\u00a0 \u3000\r\n\u00a0\r\n')],
    ['VT and FF', parts(HEADER, 'a\x0b\x0c\r\n\x0c\r\n')],
    ['octets that are no UTF-8', parts(HEADER, Buffer.from([0xff, 0x20, 0xfe, 0x0d, 0x0a]))],
    ['From alone', parts(['From: a@example.com'], plain)],
    ['several fields of one name', parts([...HEADER, 'References: <1@a>', 'Reply-To: x@example.com'], plain)],
    [
      'folded and spaced fields',
      parts([...HEADER, 'References:\t <1@a>  ', ' \t<2@b>\t', '\t<3@c> '], plain),
    ],
    ['white space before the colon', parts([...HEADER, 'Sender \t: a@example.com'], plain)],
    ['raw UTF-8 in the header', parts(['From: "Ünal" <ü@example.com>', 'Subject: \u00a0né\u00a0'], plain)],
    ['empty values', parts(['From: a@example.com', 'Subject:', 'Cc: '], plain)],
  ])('%s', async (_name, message) => {
    expect(await verdicts(signed(message, keys), keys)).toEqual(PASS)
  })

  test('arbitrary octets in lines', async () => {
    const octet = fc.integer({ min: 0, max: 255 }).filter((each) => each !== 10 && each !== 13)
    const often = fc.oneof(octet, fc.constantFrom(0x20, 0x09, 0x0b, 0x0c, 0xa0, 0x2e))
    const line = fc.array(often, { maxLength: 30 }).map((octets) => Buffer.from([...octets, 13, 10]))
    const body = fc.array(line, { maxLength: 12 }).map((lines) => Buffer.concat(lines))
    await fc.assert(
      fc.asyncProperty(body, async (bytes) => {
        expect(await verdicts(signed(parts(HEADER, bytes), keys), keys)).toEqual(PASS)
      }),
      { numRuns: 60 },
    )
  })

  test('a hash computed once serves every copy', async () => {
    const body = Buffer.from('The  same \r\nfor all\r\n\r\n')
    const { header } = parts(HEADER, '')
    const once = hashBody(body)
    for (const mine of [once, body]) {
      const fields = signMessage({ header, body: mine, keys: prepared, at: SIGNED_AT })
      const whole = Buffer.concat([Buffer.from(fields), header, Buffer.from('\r\n'), body])
      expect(await verdicts(whole, keys)).toEqual(PASS)
    }
  })

  test('the empty line after the header may be there or not', () => {
    const body = Buffer.from('a\r\n')
    const [with_, without] = [[...HEADER, ''], HEADER].map((lines) =>
      signMessage({ header: parts(lines, '').header, body, keys: prepared, at: SIGNED_AT }),
    )
    expect(with_).toBe(without ?? '')
  })

  test('of a subdomain, for a parent’s author', async () => {
    const mine = [await publishedKey('ed25519-sha256', 'mw1e', 'news.example.com')]
    expect(await verdicts(signed(parts(HEADER, 'a\r\n'), mine), mine)).toEqual(['pass'])
  })
})

describe('what breaks a signature', () => {
  const full = [
    ...HEADER.filter((line) => !/^(?:Received|X-)/.test(line)),
    'Sender: ann@example.com',
    'In-Reply-To: <0@example.com>',
    'References: <0@example.com>',
    ...['Id', 'Help', 'Subscribe', 'Post', 'Owner', 'Archive'].map(
      (name) => `List-${name}: <mailto:l@example.com>`,
    ),
  ]
  const message = parts(full, 'Hello\r\n')
  const failed = async (change: (text: string) => string): Promise<void> =>
    expect(await verdicts(tampered(message, change), keys)).not.toContain('pass')

  test.each([...OVERSIGNED, ...PRESENT_ONLY])('%s changed', (name) =>
    failed((text) => text.replace(new RegExp(`^(${name}: )`, 'm'), '$1x')),
  )
  test.each([...OVERSIGNED, ...PRESENT_ONLY])('%s taken out', (name) =>
    failed((text) => text.replace(new RegExp(`^${name}: .*\\r\\n(?:[ \\t].*\\r\\n)*`, 'm'), '')),
  )
  test.each(OVERSIGNED)('another %s before or behind', async (name) => {
    await failed((text) => `${name}: x\r\n${text}`)
    await failed((text) => text.replace('\r\n\r\n', `\r\n${name}: x\r\n\r\n`))
  })
  test.each(OVERSIGNED.filter((name) => name !== 'From'))('a first %s', async (name) => {
    const bare = parts(['From: a@example.com'], 'Hello\r\n')
    expect(
      await verdicts(
        tampered(bare, (text) => `${name}: x\r\n${text}`),
        keys,
      ),
    ).not.toContain('pass')
  })
  test.each([
    ['a word', 'Hello', 'Hullo'],
    ['text behind the end', 'Hello\r\n', 'Hello\r\nmore\r\n'],
    ['a space where none was', 'Hello', 'Hel lo'],
  ])('body: %s', (_name, from, to) => failed((text) => text.replace(from, to)))
})

describe('what does not break a signature', () => {
  const bare = parts(['From: a@example.com', 'Subject: a b'], 'Hello you\r\n')
  test.each([
    // A list adds its own fields; a relay its trace; both may fold anew.
    ['List-Id added', (text: string) => `List-Id: <l.example.net>\r\n${text}`],
    ['Feedback-ID added', (text: string) => `Feedback-ID: 1\r\n${text}`],
    ['Received added', (text: string) => `Received: by x; now\r\n${text}`],
    ['Subject folded', (text: string) => text.replace('a b', 'a\r\n\tb')],
    ['name in capitals', (text: string) => text.replace('Subject:', 'SUBJECT :')],
    ['white space at a line’s end', (text: string) => text.replace('you\r\n', 'you  \r\n')],
    ['empty lines at the end', (text: string) => `${text}\r\n\r\n`],
  ])('%s', async (_name, change) => {
    expect(await verdicts(tampered(bare, change), keys)).toEqual(PASS)
  })
})

describe('the field itself', () => {
  const text = signMessage({ ...parts(HEADER, 'a\r\n'), keys: [...prepared, long.prepared], at: SIGNED_AT })

  test('lines end with CRLF and keep within 78 columns, but for a name that is longer by itself', () => {
    expect(text.endsWith('\r\n')).toBe(true)
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    const over = text.split('\r\n').filter((line) => line.length > 78)
    expect(over).toEqual([` d=${long.text.domain};`])
  })

  test('says since when and until when, and never a length', () => {
    const seconds = SIGNED_AT / 1000
    expect(text).toContain(` t=${seconds}; x=${seconds + 7 * 86_400};`)
    expect(text).not.toMatch(/\bl=/)
  })

  test('expires', async () => {
    const whole = signed(parts(HEADER, 'a\r\n'), keys)
    expect(await verdicts(whole, keys, SIGNED_AT + SIGNATURE_LIFE - 60_000)).toEqual(PASS)
    expect(await verdicts(whole, keys, SIGNED_AT + SIGNATURE_LIFE + 60_000)).not.toContain('pass')
  })

  test('no keys, no field', () => {
    expect(signMessage({ ...parts(HEADER, 'a\r\n'), keys: [], at: SIGNED_AT })).toBe('')
  })

  test('a line of a hundred thousand spaces costs no search', () => {
    const header = Buffer.from(
      `From: a@example.com\r\nX${' '.repeat(100_000)}y: z\r\nSubject: ${' '.repeat(100_000)}x\r\n`,
    )
    expect(signMessage({ header, body: Buffer.from('a\r\n'), keys: prepared, at: SIGNED_AT })).toContain('b=')
  })
})
