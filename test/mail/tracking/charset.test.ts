import { describe, expect, test } from 'bun:test'
import { untrack } from '../../support/tracked.ts'
import {
  CLICKS,
  expectOnlyLinkChanged,
  htmlOf,
  LINK,
  page,
  refusalOf,
  track,
} from '../../support/tracked-message.ts'

describe('charsets', () => {
  // Shift_JIS: second octets are \ and |. ISO-2022-JP: between escapes stand <, ! and - as halves of characters.
  const sjis = '\u0095\\\u0083|'
  const jis = '\u001b$B<!--\u001b(B'
  test.each([
    ['windows-1252', '8bit', '\u0080\u00e4\u00df'],
    ['windows-1251', '8bit', '\u00cf\u00f0\u00e8'],
    ['iso-8859-1', 'quoted-printable', '=E4=DF'],
    ['ISO-8859-15', '8bit', '\u00a4'],
    ['koi8-r', '8bit', '\u00c1\u00a0'],
    ['shift_jis', '8bit', sjis],
    ['gb2312', '8bit', '\u00c4\u00e3\u00ba\u00c3'],
    ['big5', '8bit', '\u00a4\u00a4\u00a4\u00e5'],
    ['euc-jp', '8bit', '\u00c6\u00fc\u00cb\u00dc'],
    ['iso-2022-jp', '7bit', jis],
    ['"ISO-2022-JP"', '7bit', `${jis}${jis}`],
    ['us-ascii', '7bit', 'x'],
    ['', '8bit', '\u00e4'],
  ])('%s: every octet stays and the page reads the same', async (charset, encoding, letters) => {
    const eq = encoding === 'quoted-printable' ? '=3D' : '='
    const raw = LINK.replace('=', eq)
    const before = page(
      charset,
      encoding,
      `<p>${letters}<a href${eq}"${raw}">${letters}</a> ${letters}</p>\r\n`,
    )
    const after = track(before, CLICKS)
    expectOnlyLinkChanged(before, after, raw)
    const read = untrack(await htmlOf(after))
    expect(read.targets).toEqual([LINK])
    expect(read.page).toBe(await htmlOf(before))
    const pixel = untrack(await htmlOf(track(before)))
    expect(pixel.pixels).toBe(1)
  })

  const PAGE16 = `<html><body>\u65e5\u672c \u{1f600} <a href="${LINK}">x</a></body></html>`
  const little = Buffer.from(PAGE16, 'utf16le')
  const big = Buffer.from(little).swap16()
  test.each([
    ['utf-16le', little],
    ['utf-16be', big],
    ['utf-16', Buffer.concat([Buffer.from([0xff, 0xfe]), little])],
    ['utf-16', Buffer.concat([Buffer.from([0xfe, 0xff]), big])],
    ['utf-16', big],
  ])('%s in base64 (%#)', (charset, body) => {
    const after = track(page(charset, 'base64', `${body.toString('base64')}\r\n`)).toString('latin1')
    const back = Buffer.from(after.slice(after.indexOf('\r\n\r\n') + 4), 'base64')
    const order = charset.endsWith('be') || back[0] === 0xfe || back[0] === 0 ? 'big' : 'little'
    const html = (order === 'big' ? back.swap16() : back).toString('utf16le')
    expect(untrack(html.replace('\ufeff', ''))).toMatchObject({ page: PAGE16, targets: [LINK], pixels: 1 })
  })

  test.each([
    ['utf-7', '7bit', '<a href="https://example.com/">+AOQ-</a>'],
    ['hz-gb-2312', '7bit', '~{<a href="https://example.com/">~}'],
    ['x-unheard-of', '8bit', '<a href="https://example.com/">x</a>'],
    ['utf-16', 'quoted-printable', '=00<=00a'],
    ['iso-2022-jp', '7bit', '<a href="https://example.com/">x</a>\u001b$B<a'],
  ])('%s in %s is left alone', (charset, encoding, body) => {
    expect(refusalOf(page(charset, encoding, body))).toBe('unreadable')
  })

  test('a link beyond ASCII outside Unicode stays', () => {
    const body = '<a href="https://example.com/?q=\u00e4">x</a>'
    expect(refusalOf(page('iso-8859-1', '8bit', body), CLICKS)).toBe('nothing_to_track')
    expect(
      untrack(track(page('utf-8', '8bit', body.replace('\u00e4', '\u00c3\u00a4')), CLICKS).toString())
        .targets,
    ).toEqual(['https://example.com/?q=%C3%A4'])
  })
})
