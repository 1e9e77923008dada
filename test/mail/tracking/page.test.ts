import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type EncodedBody, withCrlf } from '../../../src/mail/mime/body-encode.ts'
import { compilePage, fillPage } from '../../../src/mail/tracking/page.ts'
import {
  DELIVERY,
  EVERYTHING,
  OTHER_DELIVERY,
  TRACKING_KEY,
  type Untracked,
  untrack,
} from '../../support/tracked.ts'

/** As a receiver decodes it, by code that is not ours but for the undoing of soft breaks. */
function decode({ encoding, bytes }: EncodedBody): string {
  if (encoding === 'base64') return Buffer.from(bytes.toString('latin1'), 'base64').toString('utf8')
  if (encoding === '7bit') return bytes.toString('latin1')
  const octets = bytes
    .toString('latin1')
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(octets, 'latin1').toString('utf8')
}

interface Tracked extends Untracked {
  readonly body: EncodedBody
}

function track(html: string, wish = EVERYTHING, delivery = DELIVERY): Tracked | null {
  const page = compilePage(html, wish)
  if (page === null) return null
  const body = fillPage(page, delivery, TRACKING_KEY)
  return { body, ...untrack(decode(body), delivery) }
}

const longestLine = (bytes: Buffer): number =>
  Math.max(
    ...bytes
      .toString('latin1')
      .split('\r\n')
      .map((line) => line.length),
  )

const PAGE =
  '<html><body>\r\n<p><a href="https://example.com/?a=1">x</a>\r\n<a href="mailto:a@example.com">y</a>\r\n</p></body></html>\r\n'

describe('a composed page', () => {
  test('leads links over us and ends with a pixel; everything else is as it was', () => {
    const tracked = track(PAGE)
    expect(tracked?.page).toBe(PAGE)
    expect(tracked?.targets).toEqual(['https://example.com/?a=1'])
    expect(tracked?.pixels).toBe(1)
    expect(tracked?.body.encoding).toBe('7bit')
    expect(tracked?.body.bytes.toString()).toContain('<a href="mailto:a@example.com">y</a>')
    expect(tracked?.body.bytes.toString()).toMatch(/width:1px;height:1px"><\/body><\/html>\r\n$/)
  })

  test('opens and clicks are asked for apart', () => {
    expect(track(PAGE, { ...EVERYTHING, opens: false })).toMatchObject({
      pixels: 0,
      targets: [expect.anything()],
    })
    expect(track(PAGE, { ...EVERYTHING, clicks: false })).toMatchObject({ pixels: 1, targets: [] })
    expect(track(PAGE, { ...EVERYTHING, clicks: false, opens: false })).toBeNull()
    expect(track('<p>no link</p>', { ...EVERYTHING, opens: false })).toBeNull()
    expect(track('')).toBeNull()
  })

  test('what is named as untouched stays, and what its author marked', () => {
    const page =
      '<a href="https://mail.example.com/u/abc">out</a><a href="https://mail.example.com/x">x</a>' +
      '<a data-mailwok-notrack href="https://example.com/">y</a>'
    const tracked = track(page, { ...EVERYTHING, untouched: ['https://mail.example.com/u/'] })
    expect(tracked?.targets).toEqual(['https://mail.example.com/x'])
    expect(tracked?.body.bytes.toString()).toStartWith('<a href="https://mail.example.com/u/abc">out</a>')
    expect(tracked?.body.bytes.toString()).toContain(
      '<a data-mailwok-notrack href="https://example.com/">y</a>',
    )
  })

  test('our own pages at the tracking host stay', () => {
    const page = ['o', 'c', 'u', 'shop']
      .map((path) => `<a href="https://track.example.com/${path}/x">x</a>`)
      .join('')
    const holes = compilePage(page, EVERYTHING)?.template.holes ?? []
    expect(holes.map(({ tail }) => tail?.slice(0, 4))).toEqual(['0101', undefined])
  })

  test('links are numbered, and each knows of how many', () => {
    const body = track(
      '<a href="https://a.example/">a</a><a href="https://a.example/">b</a>',
    )?.body.bytes.toString()
    expect(body).toMatch(/\/c\/1mfxy1234z0ab00000[\w-]{16}0102aHR0.*\/c\/1mfxy1234z0ab00000[\w-]{16}0202aHR0/)
  })

  test('copies of one delivery are the same, those of another differ in their tokens alone', () => {
    const page = compilePage(PAGE, EVERYTHING)
    if (page === null) throw new Error('not compiled')
    const bytes = (delivery: typeof DELIVERY): Buffer => fillPage(page, delivery, TRACKING_KEY).bytes
    expect(bytes(DELIVERY)).toEqual(bytes(DELIVERY))
    expect(bytes(OTHER_DELIVERY)).not.toEqual(bytes(DELIVERY))
    expect(bytes(OTHER_DELIVERY)).toHaveLength(bytes(DELIVERY).length)
    expect(untrack(bytes(OTHER_DELIVERY).toString(), OTHER_DELIVERY).page).toBe(PAGE)
  })

  test.each([
    [
      'umlauts',
      `<p>Gr\u00fc\u00dfe ${'sch\u00f6n '.repeat(40)}<a href="https://example.com/">x</a></p>`,
      'quoted-printable',
    ],
    ['a long line', `<p>${'word '.repeat(300)}<a href="https://example.com/">x</a></p>`, 'quoted-printable'],
    ['a long link', `<a href="https://example.com/${'a'.repeat(1300)}">x</a>`, 'quoted-printable'],
    ['Japanese', `<p>${'\u65e5\u672c\u8a9e'.repeat(900)}</p><a href="https://example.com/">x</a>`, 'base64'],
    [
      'white space before a link',
      `<p>\u00e9 <a href= https://example.com/ >x</a> \n</p>`,
      'quoted-printable',
    ],
  ] as const)('%s travel as %3$s', (_, html, encoding) => {
    const tracked = track(html)
    expect(tracked?.body.encoding).toBe(encoding)
    expect(tracked?.page).toBe(withCrlf(html))
    expect(tracked?.targets).toHaveLength(1)
    expect(longestLine(tracked?.body.bytes ?? Buffer.alloc(0))).toBeLessThanOrEqual(76)
  })

  test('whatever the page: it comes back whole, within lines that travel', () => {
    const piece = fc.constantFrom(
      '<a href="https://example.com/a?b=c">',
      "<A HREF='https://example.com/\t'>",
      '<a href=https://example.com/x>',
      '</a>',
      '<p>',
      '</p>',
      '<br/>',
      '</body>',
      '<!--',
      '-->',
      '<!-->',
      '<style>',
      '</style>',
      '<',
      '>',
      '"',
      "'",
      '=',
      '&',
      ' ',
      '  ',
      '\n',
      '\r\n',
      '\t',
      'word',
      '\u00fc',
      '\u65e5\u672c',
      '\u{1f600}',
      '.',
      '\r\n.\r\n',
      'x'.repeat(80),
    )
    let links = 0
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const html = pieces.join('')
        const tracked = track(html)
        if (tracked === null) return
        links += tracked.targets.length
        // A tab at the end of a link is none of it: that is the one thing that does not come back.
        const want = withCrlf(html)
        const got = tracked.page
        if (!html.includes('/\t')) expect(got).toBe(want)
        else expect(got.replaceAll('/\t', '/')).toBe(want.replaceAll('/\t', '/'))
        const limit = tracked.body.encoding === '7bit' ? 998 : 76
        expect(longestLine(tracked.body.bytes)).toBeLessThanOrEqual(limit)
        expect(tracked.body.bytes.toString('latin1')).not.toMatch(/[^\r]\n|\r[^\n]|\0/)
      }),
      { numRuns: 1500 },
    )
    expect(links).toBeGreaterThan(500)
  })
})
