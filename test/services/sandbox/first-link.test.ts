import { expect, test } from 'bun:test'
import { URL_MARK } from '../../../src/mail/tracking/way-out.ts'
import { firstLink } from '../../../src/services/sandbox/first-link.ts'

const composed = (html: string | null) => {
  const parts = { header: '', text: 'https://in.text/', html, attachments: [] }
  return firstLink({ kind: 'composed', bytes: Buffer.from(JSON.stringify(parts)) })
}
const submitted = (lines: readonly string[]) =>
  firstLink({ kind: 'submitted', bytes: Buffer.from(lines.join('\r\n'), 'latin1') })

test.each([
  ['none', '<p>no link</p>', null],
  [
    'the first of two',
    '<a href="https://a.example/1">1</a><a href="https://a.example/2">2</a>',
    'https://a.example/1',
  ],
  ['with references', '<a href="https://a.example/?a=1&amp;b=2">1</a>', 'https://a.example/?a=1&b=2'],
  [
    'not those that lead nowhere',
    '<a href="#x">x</a><a href="tel:1">t</a><a href="http://b.example/">b</a>',
    'http://b.example/',
  ],
  ['not one that is left alone', '<a data-mailwok-notrack href="https://a.example/">a</a>', null],
  ['not the way out', `<a href="https://mail.example.com/u/${URL_MARK}">out</a>`, null],
  ['nothing where there is no html', null, null],
])('%s', (_, html, want) => expect(composed(html)).toBe(want))

const PAGE = '<p>ü <a href="https://a.example/x">x</a></p>'

test.each([
  ['as it is', 'text/html; charset=utf-8', '8bit', Buffer.from(PAGE).toString('latin1')],
  ['base64', 'text/html; charset=utf-8', 'base64', Buffer.from(PAGE).toString('base64')],
  ['quoted-printable', 'text/html', 'quoted-printable', '<a href=3D"https://a.exa=\r\nmple/x">x</a>'],
])('in a message of a client: %s', (_, type, encoding, body) => {
  const head = ['MIME-Version: 1.0', `Content-Type: ${type}`, `Content-Transfer-Encoding: ${encoding}`]
  expect(submitted([...head, '', body, ''])).toBe('https://a.example/x')
})

test('a message without html, or one that nobody can read, has none', () => {
  expect(submitted(['Subject: x', '', 'https://a.example/'])).toBeNull()
  expect(submitted(['Content-Type: text/html; charset=x-none', '', PAGE])).toBeNull()
})
