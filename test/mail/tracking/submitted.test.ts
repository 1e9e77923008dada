import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { quotedPrintable, wrapBase64 } from '../../../src/mail/mime/body-encode.ts'
import { compileSubmitted, fillMessage } from '../../../src/mail/tracking/submitted.ts'
import { DELIVERY, EVERYTHING, TRACKING_KEY, untrack } from '../../support/tracked.ts'
import {
  CLICKS,
  expectOnlyLinkChanged,
  htmlOf,
  LINK,
  octets,
  page,
  refusalOf,
  track,
} from '../../support/tracked-message.ts'

describe('an html part as it stands', () => {
  test('keeps every octet but the link', async () => {
    const before = page(
      'utf-8',
      '8bit',
      `<p title=x>Gr\u00c3\u00bc\u00c3\u009fe <a  href = "${LINK}" >x</a></p>\r\n`,
    )
    const after = track(before, CLICKS)
    expectOnlyLinkChanged(before, after, LINK)
    const { targets, page: html } = untrack(await htmlOf(after))
    expect(targets).toEqual([LINK])
    expect(html).toBe(await htmlOf(before))
  })

  test('gets the pixel before the end of its body, or before the line ends that close it', () => {
    const whole = track(page('', '', '<body>x</body></html>\r\n'), { ...EVERYTHING, clicks: false })
    expect(whole.toString()).toMatch(/<body>x<img src="https:\/\/track[^>]*><\/body><\/html>\r\n$/)
    const bare = track(page('', '7bit', 'x\r\n\r\n'), { ...EVERYTHING, clicks: false })
    expect(bare.toString()).toMatch(/\r\n\r\nx<img src="https:\/\/track[^>]*>\r\n\r\n$/)
  })

  test('becomes quoted-printable when a line would be longer than SMTP carries, and says so', async () => {
    const html = `<p>\u00c3\u00bc ${'word '.repeat(170)}<a href="${LINK}">x</a></p>\r\n`
    for (const encoding of ['8bit', '']) {
      const after = track(page('utf-8', encoding, html))
      const text = after.toString('latin1')
      expect(text.match(/Content-Transfer-Encoding: .*/g)).toEqual([
        'Content-Transfer-Encoding: quoted-printable',
      ])
      expect(Math.max(...text.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(76)
      const read = untrack(await htmlOf(after))
      expect(read).toMatchObject({ targets: [LINK], pixels: 1 })
      expect(read.page).toBe(await htmlOf(page('utf-8', encoding, html)))
    }
  })
})

describe('quoted-printable', () => {
  test.each([
    ['one line', `<a href=3D"${LINK.replace('=', '=3D')}">x</a> =C3=BC\r\n`, LINK.replace('=', '=3D')],
    [
      'broken in the link',
      `<a href=3D"https://exam=\r\nple.com/=3Fa=3D=\r\n1">x</a> =C3=BC`,
      'https://exam=\r\nple.com/=3Fa=3D=\r\n1',
    ],
    [
      'broken before and behind it',
      `<a href=3D"=\r\n${LINK.replace('=', '=3d')}=\r\n">x</a> =c3=bc`,
      LINK.replace('=', '=3d'),
    ],
    [
      'not well formed',
      `<a title==ZZ href="${LINK.replace('=', '=3D')}">x =  \r\n=`,
      LINK.replace('=', '=3D'),
    ],
    [
      'white space at line ends',
      `<p> \t\r\n<a href=3D${LINK.replace('=', '=3D')}  \r\n>x</a>  \r\n`,
      LINK.replace('=', '=3D'),
    ],
  ])('%s: every other octet stays', async (_, body, raw) => {
    const before = page('utf-8', 'Quoted-Printable', body)
    const after = track(before, CLICKS)
    expectOnlyLinkChanged(before, after, raw)
    const read = untrack(await htmlOf(after))
    expect(read.targets).toEqual([LINK])
    expect(read.page).toBe(await htmlOf(before))
  })

  test('white space that stands at the end of a line is none of the link', () => {
    const before = page('utf-8', 'quoted-printable', '<a href=3D"https://exam \t\r\nple.com/?a=3D1">x</a>')
    expect(untrack(track(before, CLICKS).toString().replaceAll('=\r\n', '')).targets).toEqual([LINK])
  })

  test('keeps lines to 76, wherever links stand', () => {
    const lineOf = (pad: number): string =>
      `${'x'.repeat(pad)}<a href=3D'${pad > 53 ? '=\r\n' : ''}http://a.b'>`
    const body = Array.from({ length: 65 }, (_, pad) => lineOf(pad)).join('\r\n')
    const after = track(page('utf-8', 'quoted-printable', body)).toString('latin1')
    expect(after.match(/\/c\//g)).toHaveLength(65)
    expect(after.split('\r\n').filter((line) => line.length > 76)).toEqual([])
  })
})

describe('base64', () => {
  test('comes back as the same page', async () => {
    const html = `<html><body>Gr\u00fc\u00dfe <a href="${LINK}">x</a></body></html>`
    const digits = Buffer.from(html).toString('base64').replace(/.{60}/g, '$&\r\n')
    const before = page('utf-8', 'BASE64', `${digits}\r\n`)
    const after = track(before)
    const read = untrack(await htmlOf(after))
    expect(read).toMatchObject({ page: html, targets: [LINK], pixels: 1 })
  })

  test('that cannot be read stays as it is', () => {
    expect(refusalOf(page('utf-8', 'base64', 'PGE=PGE=\r\n'))).toBe('unreadable')
    expect(refusalOf(page('utf-8', 'base64', '<a href="https://example.com/">x</a>'))).toBe('unreadable')
    expect(refusalOf(page('utf-8', 'x-uuencode', '<a href="https://example.com/">x</a>'))).toBe('unreadable')
  })
})

describe('whatever the page and however it travels', () => {
  const piece = fc.constantFrom(
    ...[
      '<a href="https://example.com/a?b=c">',
      "<A HREF='http://b.example/'>",
      '<a href=https://example.com/x>',
      '</a>',
    ],
    ...[
      '<p>',
      '</body>',
      '<!--',
      '-->',
      '<style>',
      '</style>',
      '<',
      '>',
      '"',
      '=',
      '&',
      ' ',
      '\t',
      '\r\n',
      'word',
    ],
    ...['\u00fc', '\u65e5\u672c', '\u{1f600}', '.', '=3D', 'x'.repeat(70)],
  )
  const unquoted = (text: string): Buffer =>
    octets(
      text
        .replace(/=\r\n/g, '')
        .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    )
  /** Soft line breaks where no encoder of ours puts them, but never inside a code. */
  const brokenUp = (quoted: string, every: number): string =>
    quoted
      .split('\r\n')
      .map((line) => line.replace(new RegExp(`((?:=[0-9A-F]{2}|[^=]){${every}})(?=.)`, 'g'), '$1=\r\n'))
      .join('\r\n')

  const ways = {
    '8bit': { write: (html: Buffer) => html.toString('latin1'), read: octets },
    'quoted-printable': {
      write: (html: Buffer, every: number) => brokenUp(quotedPrintable(html).toString('latin1'), every),
      read: unquoted,
    },
    base64: {
      write: (html: Buffer) => wrapBase64(html.toString('base64')).toString('latin1'),
      read: (text: string) => Buffer.from(text, 'base64'),
    },
  } as const

  test.each(Object.keys(ways) as (keyof typeof ways)[])('%s comes back whole', (encoding) => {
    const { write, read } = ways[encoding]
    let links = 0
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 50 }), fc.integer({ min: 1, max: 40 }), (pieces, every) => {
        const html = Buffer.from(pieces.join(''))
        const before = page('utf-8', encoding, write(html, every))
        const compiled = compileSubmitted(before, EVERYTHING)
        if (!compiled.ok) return
        const after = fillMessage(compiled.value, DELIVERY, TRACKING_KEY).toString('latin1')
        const bodyAt = after.indexOf('\r\n\r\n') + 4
        const isQuoted = after.slice(0, bodyAt).includes('quoted-printable')
        const tracked = untrack((isQuoted ? unquoted : read)(after.slice(bodyAt)).toString('utf8'))
        expect(tracked.page).toBe(html.toString('utf8'))
        links += tracked.targets.length
      }),
      { numRuns: 700 },
    )
    expect(links).toBeGreaterThan(200)
  })
})
