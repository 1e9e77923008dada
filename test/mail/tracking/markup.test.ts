import { describe, expect, test } from 'bun:test'
import { scanPage } from '../../../src/mail/tracking/markup.ts'

/** The values between «» are the links that must be found, ¦ is where the pixel goes. */
function read(marked: string): { readonly page: string; readonly want: string; readonly got: string } {
  const page = marked.replace(/[«»¦]/g, '')
  const { links, pixelAt } = scanPage(page)
  const marks = new Map<number, string>()
  const put = (at: number, mark: string): void => void marks.set(at, (marks.get(at) ?? '') + mark)
  for (const { start, end } of links) {
    put(start, '«')
    put(end, '»')
  }
  if (pixelAt !== null) put(pixelAt, '¦')
  let got = ''
  for (let at = 0; at <= page.length; at++) got += (marks.get(at) ?? '') + (page[at] ?? '')
  return { page, want: marked, got }
}

describe('links and the place of the pixel', () => {
  test.each([
    ['plain', '<html><body><p>Hi <a href="«https://a.example/»">x</a></p>¦</body></html>'],
    ['single quotes, no quotes', `<a href='«https://a.example/»'>x</a><a href=«https://b.example/»>y</a>¦`],
    ['unquoted before other attributes', '<a href=«https://a.example/x/» class=b>x</a>¦'],
    ['capitals', '<A CLASS=x HREF="«https://a.example/»">x</A>¦</BODY></HTML>'],
    [
      'white space everywhere',
      '<a\r\n  class = "b"\r\n\thref\f= \r\n "«https://a.example/»"\r\n>x</a>¦\r\n\r\n',
    ],
    ['areas of maps', '<map><area shape=rect href="«https://a.example/»"></map>¦'],
    ['the first of two counts', '<a href="«https://a.example/»" href="https://b.example/">x</a>¦'],
    ['a slash instead of white space', '<a/href="«https://a.example/»"/>x</a>¦'],
    ['an attribute that ends as href does', '<a data-href="https://b.example/" xhref=x>x</a>¦'],
    [
      'a value that looks like one',
      `<a title='href="https://b.example/"' href="«https://a.example/»">x</a>¦`,
    ],
    ['> inside quotes', '<a title="a > b" href="«https://a.example/?a>b»">x</a>¦'],
    ['href without a value', '<a href>x</a><a href=>y</a><a href="" href="z">z</a>¦'],
    ['other elements', '<link href="https://a.example/"><base href="https://b.example/"><img src="c">¦'],
    ['abbr is not a', '<abbr href="https://a.example/">x</abbr>¦'],
    ['comments', '<!-- <a href="https://a.example/">x</a> --><a href="«https://b.example/»">y</a>¦'],
    ['a comment with dashes', '<!-- a -- b --!><a href="«https://b.example/»">y</a>¦'],
    [
      'empty comments',
      '<!--><a href="«https://a.example/»">x</a><!---><a href="«https://b.example/»">y</a>¦',
    ],
    [
      'what Outlook alone sees',
      '<!--[if mso]><v:x href="https://a.example/"></v:x></body><![endif]-->¦</body>',
    ],
    [
      'what all but Outlook see',
      '<!--[if !mso]><!--><a href="«https://a.example/»">x</a><!--<![endif]-->¦</body>',
    ],
    ['revealed conditions', '<![if !mso]><a href="«https://a.example/»">x</a><![endif]>¦'],
    ['declarations', '<?xml version="1.0"?><!DOCTYPE html><a href="«https://a.example/»">x</a>¦'],
    [
      'a script inside the comment of a script, which hides its end',
      '<script><!-- <script></script><a href="https://b.example/"> --></script><a href="«https://a.example/»">x</a>¦',
    ],
    [
      'a comment of a script that is whole',
      '<script><!--><script></script><a href="«https://a.example/»">x</a>¦',
    ],
    ['a script hidden in a script, never closed', '<p>x<script><!-- <script></script>'],
    [
      'styles and scripts',
      '<style>a:after{content:"<a href=x>"}</style><script>"<a href=\'y\'></body>"</script>¦',
    ],
    ['an end tag that only begins like one', '<style></styles><a href=x></style ><a href="«y»">x</a>¦'],
    ['title and textarea', '<title><a href="x"></title><textarea></body><a href="y"></textarea>¦'],
    ['the last end of a body', '<body>a</body><body><a href="«https://a.example/»">x</a>¦</body>'],
    ['attributes of an end tag', '<body>a¦</body class="<a href=x>">'],
    ['signs that are no tags', 'a < b <3 <> </> <a href="«https://a.example/»">x</a> c <¦'],
    ['nested quotes that are not closed', '<p>x</p><a href="https://a.example/>x</a></body>'],
    ['a tag that is not closed', '<p>x</p><a href="https://a.example/"'],
    ['a comment that is not closed', '<p>x</p><!-- <a href="https://a.example/">x</a></body>'],
    ['a style that is not closed', '<body>x<style><a href="x"></body>'],
    ['cut off after the body', '<p>x</p>¦</body><!-- '],
    ['plaintext', '<plaintext><a href="x"></plaintext></body>'],
    ['nothing', '¦'],
    ['text alone', 'Hi there¦\r\n'],
    ['beyond ASCII before the end', 'd\u00c3\u00a0¦'],
  ])('%s', (_, marked) => {
    const { want, got } = read(marked)
    expect(got).toBe(want)
  })

  test('the author may take a link out', () => {
    const page =
      '<a data-mailwok-notrack href="x">x</a><a href="y" DATA-MAILWOK-NOTRACK="">y</a><a href="z">z</a>'
    expect(scanPage(page).links.map(({ notrack }) => notrack)).toEqual([true, true, false])
  })
})

describe('time is linear', () => {
  // A quadratic reader needs minutes for these.
  test.each([
    ['open comments', '<!--'],
    ['open tags', '<a '],
    ['open quotes', '<a href="'],
    ['raw text', '<style>'],
    ['comment ends', '<!--->--!'],
    ['white space', '<a \t\n'],
    ['bogus', '</ '],
    ['signs', '<<<<'],
  ])('%s', (_, piece) => {
    expect(scanPage(piece.repeat(400_000)).links.length).toBeLessThanOrEqual(400_000)
  })
})
