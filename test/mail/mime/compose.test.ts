import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { simpleParser } from 'mailparser'
import MailComposer from 'nodemailer/lib/mail-composer'
import type { Attachment, ComposedParts } from '../../../src/core/content.ts'
import { quotedPrintable, withCrlf, wrapBase64 } from '../../../src/mail/mime/body-encode.ts'
import { composeMessage } from '../../../src/mail/mime/compose.ts'
import { scanMessage } from '../../../src/mail/mime/scan.ts'
import { expectGolden } from '../../support/golden.ts'

const HEADER =
  'From: Shop <shop@example.com>\r\nTo: jane@example.org\r\nSubject: Your order\r\nDate: Mon, 23 Nov 2026 05:07:27 +0000\r\nMessage-ID: <msg_m1a2b3c4d001@example.com>\r\n'
const SEED = 'msg_m1a2b3c4d001.0'

const parts = (some: Partial<ComposedParts>): ComposedParts => ({
  header: HEADER,
  text: null,
  html: null,
  attachments: [],
  ...some,
})
const attachment = (some: Partial<Attachment>): Attachment => ({
  filename: 'a.bin',
  contentType: 'application/octet-stream',
  contentId: null,
  base64: Buffer.from('some octets').toString('base64'),
  ...some,
})
const logo = attachment({
  filename: 'logo.png',
  contentType: 'image/png',
  contentId: 'logo',
  base64: 'iVBORw0KGgo=',
})
const bill = attachment({
  filename: 'Rechnung März.pdf',
  contentType: 'application/pdf',
  base64: Buffer.from('x'.repeat(200)).toString('base64'),
})

describe('composed bytes', () => {
  test.each<[string, Partial<ComposedParts>]>([
    ['text', { text: 'Hello\nJane' }],
    ['text-and-html', { text: 'Hello\nJane\n', html: '<p>Hello\n<b>Jane</b></p>\n' }],
    [
      'quoted-printable',
      { text: 'Grüße = 100 %\nTrailing \t\nEnd ', html: `<p>${'Straße '.repeat(30)}</p>` },
    ],
    ['inline-and-attached', { text: 'Hi', html: '<img src="cid:logo">', attachments: [logo, bill] }],
    ['attachment-alone', { attachments: [bill] }],
    [
      'forwarded',
      {
        text: 'See',
        attachments: [
          attachment({
            filename: 'm.eml',
            contentType: 'message/rfc822',
            base64: Buffer.from('Subject: x\n\nInner\n').toString('base64'),
          }),
        ],
      },
    ],
  ])('%s', (name, some) => {
    expectGolden(`compose-${name}.eml`, composeMessage(parts(some), SEED))
  })

  test('are the same in every attempt and differ in boundaries alone between deliveries', () => {
    const content = parts({ text: 'a', html: 'b' })
    expect(composeMessage(content, SEED).equals(composeMessage(content, SEED))).toBe(true)
    const other = composeMessage(content, 'msg_m1a2b3c4d001.1').toString()
    expect(other.replaceAll('d001.1', 'd001.0')).toBe(composeMessage(content, SEED).toString())
  })

  test('a boundary that occurs in a part is not used', async () => {
    const text = `--=_${SEED}/a\n--=_${SEED}-1/a--\nmore`
    const mail = await simpleParser(composeMessage(parts({ text, html: '<p>x</p>' }), SEED))
    expect(mail.text).toBe(text)
  })

  test('an odd seed still makes a valid boundary', async () => {
    const mail = await simpleParser(composeMessage(parts({ text: 'a', html: 'b' }), 'ü "\r\n'.repeat(40)))
    expect(mail.html).toBe('b')
  })

  test('a picture without html is a plain attachment', async () => {
    const mail = await simpleParser(composeMessage(parts({ text: 'a', attachments: [logo] }), SEED))
    expect(mail.attachments[0]?.contentDisposition).toBe('attachment')
  })
})

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({
    unit: fc.constantFrom('a', ' ', '\t', '\r', '\n', '=', '.', 'é', '--', '\0', '日', 'x'.repeat(300)),
    maxLength: 60,
  }),
)
const someAttachments = fc.array(
  fc.record({
    filename: fc.constantFrom('a.txt', 'ü.bin', 'logo.png'),
    contentType: fc.constantFrom('image/png', 'application/pdf'),
    contentId: fc.constantFrom(null, 'one', 'two'),
    base64: fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets).toString('base64')),
  }),
  { maxLength: 3 },
)
const anyParts = fc.record({
  header: fc.constant(HEADER),
  text: fc.option(anyText),
  html: fc.option(anyText),
  attachments: someAttachments,
})

describe('whatever goes in', () => {
  test('no bare CR, LF or NUL and no long line comes out', () => {
    fc.assert(
      fc.property(anyParts, (content) => {
        const bytes = composeMessage(content, SEED)
        expect(scanMessage(bytes)).toMatchObject({ ok: true, value: { is8bit: false, hasUtf8Header: false } })
        expect(bytes.subarray(-2).toString()).toBe('\r\n')
      }),
      { numRuns: 300 },
    )
  })

  test('an independent parser reads it back', async () => {
    await fc.assert(
      fc.asyncProperty(anyParts, async (content) => {
        const mail = await simpleParser(composeMessage(content, SEED), PLAIN_PARSER)
        const line = (text: string | null): string => (text ?? '').toWellFormed().replace(/\r\n|\r|\n/g, '\n')
        const tidy = (text: string): string => text.replace(/\n$/, '')
        if (content.text !== null) expect(tidy(mail.text ?? '')).toBe(tidy(line(content.text)))
        if (content.html !== null) expect(tidy(mail.html || '')).toBe(tidy(line(content.html)))
        const got = mail.attachments.map((it) => `${it.filename} ${it.content.toString('base64')}`)
        const want = content.attachments.map((it) => `${it.filename} ${it.base64}`)
        expect(got.toSorted()).toEqual(want.toSorted())
      }),
      { numRuns: 100 },
    )
  })

  test('nodemailer’s form of the same message reads the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 200 }),
        someAttachments,
        async (raw, attachments) => {
          const text = `Hello ${raw.replace(/\p{Cc}/gu, ' ')}`
          const html = `<p>${text}</p>`
          const theirs = new MailComposer({
            from: 'a@b.cc',
            subject: 'x',
            text,
            html,
            disableFileAccess: true,
            disableUrlAccess: true,
            attachments: attachments.map((it) => ({
              filename: it.filename,
              contentType: it.contentType,
              content: Buffer.from(it.base64, 'base64'),
              ...(it.contentId === null ? {} : { cid: it.contentId }),
            })),
          })
          const built = await theirs.compile().build()
          const [ours, yardstick] = await Promise.all([
            simpleParser(composeMessage(parts({ text, html, attachments }), SEED), PLAIN_PARSER),
            simpleParser(built, PLAIN_PARSER),
          ])
          expect(ours.text?.trimEnd()).toBe(yardstick.text?.trimEnd() ?? '')
          expect(String(ours.html).trimEnd()).toBe(String(yardstick.html).trimEnd())
          const shape = (mail: typeof ours) =>
            mail.attachments
              .map((it) => [it.filename, it.cid ?? null, it.contentType, it.checksum].join(' '))
              .toSorted()
          expect(shape(ours)).toEqual(shape(yardstick))
        },
      ),
      { numRuns: 40 },
    )
  })
})

const PLAIN_PARSER = { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true, skipTextLinks: true }

describe('encodings', () => {
  test.each([
    ['', ''],
    ['a=b', 'a=3Db'],
    ['é', '=C3=A9'],
    ['a \r\nb\t\r\nc ', 'a=20\r\nb=09\r\nc=20'],
    ['x'.repeat(75), 'x'.repeat(75)],
    ['x'.repeat(76), `${'x'.repeat(75)}=\r\nx`],
    [`${'x'.repeat(73)}é`, `${'x'.repeat(73)}=\r\n=C3=A9`],
    ['\r', '=0D'],
    ['\n', '=0A'],
    ['\0', '=00'],
  ])('quoted-printable of %j', (text, want) => {
    expect(quotedPrintable(Buffer.from(text)).toString()).toBe(want)
  })

  test('quoted-printable lines have at most 76 columns', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const lines = quotedPrintable(Buffer.from(withCrlf(text)))
          .toString('latin1')
          .split('\r\n')
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(76)
      }),
    )
  })

  test.each([0, 1, 56, 57, 58, 114, 10_000])('%i octets in base64 lines', (size) => {
    const octets = Buffer.alloc(size, 'ab')
    const lines = wrapBase64(octets.toString('base64')).toString()
    expect(Buffer.from(lines, 'base64').equals(octets)).toBe(true)
    expect(lines === '' || lines.endsWith('\r\n')).toBe(true)
    for (const line of lines.split('\r\n')) expect(line.length).toBeLessThanOrEqual(76)
  })

  test.each([
    ['a\nb', 'a\r\nb'],
    ['a\rb', 'a\r\nb'],
    ['a\r\nb', 'a\r\nb'],
    ['a\n\r\r\n', 'a\r\n\r\n\r\n'],
    ['', ''],
  ])('line ends of %j', (text, want) => {
    expect(withCrlf(text)).toBe(want)
    expect(withCrlf(want)).toBe(want)
  })
})
