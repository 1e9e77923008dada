import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { simpleParser } from 'mailparser'
import { decodeEncodedWords } from '../../../src/mail/mime/encoded-word.ts'
import { headerFaultOf, parameter, unstructuredField } from '../../../src/mail/mime/header-encode.ts'

const unicode = fc.string({ unit: 'grapheme', maxLength: 300 })
const readable = unicode.filter((text) => headerFaultOf(text) === null)
const unfold = (field: string): string => field.replace(/\r\n(?=[ \t])/g, '')

describe('an unstructured field', () => {
  test.each([
    ['plain', 'Hello', 'Subject: Hello\r\n'],
    ['empty', '', 'Subject:\r\n'],
    ['looks like an encoded-word', '=?x?q?a?=', 'Subject: =?UTF-8?B?PT94P3E/YT89?=\r\n'],
    ['a link with =?', '<https://a.bc/?x=?y>', 'Subject: <https://a.bc/?x=?y>\r\n'],
    ['white space at the ends', ' a ', 'Subject: =?UTF-8?Q?_a_?=\r\n'],
    ['accents', 'Grüße aus Köln', 'Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=\r\n'],
    ['not Latin', '日本語', 'Subject: =?UTF-8?B?5pel5pys6Kqe?=\r\n'],
    ['a tab', 'a\tb', 'Subject: =?UTF-8?Q?a=09b?=\r\n'],
    ['exactly 78 columns', 'x'.repeat(69), `Subject: ${'x'.repeat(69)}\r\n`],
    [
      'two words beyond 78',
      `${'x'.repeat(60)} ${'y'.repeat(60)}`,
      `Subject: ${'x'.repeat(60)}\r\n ${'y'.repeat(60)}\r\n`,
    ],
    ['one word beyond 78', 'x'.repeat(100), `Subject: ${'x'.repeat(100)}\r\n`],
  ])('%s', (_, value, want) => {
    expect(unstructuredField('Subject', value)).toEqual({ ok: true, value: want })
  })

  test.each([
    ['CR', 'a\rb', 'control-character'],
    ['LF', 'a\nb', 'control-character'],
    ['CRLF and a header', 'a\r\nBcc: x@y.zz', 'control-character'],
    ['NUL', 'a\0', 'control-character'],
    ['DEL', 'a\x7f', 'control-character'],
    ['NEL', 'a\u0085b', 'control-character'],
    ['a lone surrogate', 'a\ud800b', 'lone-surrogate'],
    ['without measure', 'x'.repeat(40_000), 'too-long'],
  ])('%s is refused', (_, value, error) => {
    expect(unstructuredField('Subject', value)).toMatchObject({ ok: false, error })
  })

  test.each(['', 'a b', 'a:b', 'ä', 'a\r\nb', 'x'.repeat(77)])('%j is no field name', (name) => {
    expect(unstructuredField(name, 'x')).toMatchObject({ ok: false, error: 'bad-field-name' })
  })

  test('any text comes back as it was, in short lines', () => {
    fc.assert(
      fc.property(
        readable,
        fc.constantFrom('Subject', 'X-A-Rather-Long-Header-Name-That-Leaves-Little-Room-In-Its-Line'),
        (text, name) => {
          const field = unstructuredField(name, text)
          if (!field.ok) throw new Error(field.error)
          expect(field.value.endsWith('\r\n')).toBe(true)
          expect(/[^\r]\n|\r[^\n]/.test(field.value)).toBe(false)
          for (const line of field.value.split('\r\n')) {
            if (line.includes('=?')) expect(line.length).toBeLessThanOrEqual(76)
            for (const [word] of line.matchAll(/=\?UTF-8\?\S+\?=/g))
              expect(word.length).toBeLessThanOrEqual(75)
          }
          expect(
            decodeEncodedWords(
              unfold(field.value)
                .slice(name.length + 1, -2)
                .replace(/^ /, ''),
            ),
          ).toBe(text)
        },
      ),
      { numRuns: 400 },
    )
  })

  test('an independent parser reads the same', async () => {
    await fc.assert(
      fc.asyncProperty(readable, async (text) => {
        const field = unstructuredField('Subject', text)
        if (!field.ok) throw new Error(field.error)
        const mail = await simpleParser(Buffer.from(`${field.value}\r\n`))
        // The parser takes white space off the ends, ours keeps it.
        expect((mail.subject ?? '').trim()).toBe(text.trim())
      }),
      { numRuns: 60 },
    )
  })
})

describe('a parameter', () => {
  test.each([
    ['a.txt', ';\r\n filename="a.txt"'],
    ['a "b" \\.txt', ';\r\n filename="a \\"b\\" \\\\.txt"'],
    ['ü.txt', ";\r\n filename*=UTF-8''%C3%BC.txt"],
  ])('%s', (value, want) => {
    expect(parameter('filename', value)).toBe(want)
  })

  test('comes back from an independent parser', async () => {
    await fc.assert(
      fc.asyncProperty(readable, async (filename) => {
        const header = `Content-Type: image/png\r\nContent-Disposition: attachment${parameter('filename', filename)}\r\n`
        for (const line of header.split('\r\n')) expect(line.length).toBeLessThanOrEqual(78)
        const mail = await simpleParser(Buffer.from(`${header}\r\nx\r\n`))
        if (filename.trim() !== '') expect(mail.attachments[0]?.filename?.trim()).toBe(filename.trim())
      }),
      { numRuns: 60 },
    )
  })
})
