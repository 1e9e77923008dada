import { describe, expect, test } from 'bun:test'
import { untrack } from '../../support/tracked.ts'
import { CLICKS, LINK, lines, octets, refusalOf, track } from '../../support/tracked-message.ts'

describe('a message of many parts', () => {
  const HTML = `<p><a href="${LINK}">x</a></p>`
  const part = (type: string, body: string, ...fields: string[]): string =>
    `${lines(`Content-Type: ${type}`, ...fields)}\r\n${body}`
  function multipart(subtype: string, boundary: string, ...parts: string[]): string {
    const head = lines(`Content-Type: multipart/${subtype}; boundary="${boundary}"`)
    return `${head}\r\npreamble ${LINK}\r\n${parts.map((one) => `--${boundary}\r\n${one}\r\n`).join('')}--${boundary}--\r\nepilogue\r\n`
  }
  const message = (entity: string): Buffer =>
    octets(`${lines('From: a@example.com', 'MIME-Version: 1.0')}${entity}`)

  test('only the page that is shown changes', () => {
    const text = part('text/plain; charset=utf-8', `${LINK} <a href="${LINK}">x</a>`)
    const file = part(
      'text/html; name="report.html"',
      HTML,
      'Content-Disposition: attachment; filename="report.html"',
    )
    const inlineFile = part('text/html', HTML, 'Content-Disposition: inline; filename=a.html')
    const named = part('text/html; name=a.html', HTML)
    const enclosed = part('message/rfc822', `Content-Type: text/html\r\n\r\n${HTML}`)
    const amp = part('text/x-amp-html', HTML)
    const shown = '@@shown@@'
    const frame = multipart(
      'mixed',
      'out',
      multipart('alternative', 'out-in', text, amp, shown),
      file,
      inlineFile,
      named,
      enclosed,
    )
    const before = frame.replace(shown, part('text/html; charset=us-ascii', HTML))
    const after = track(message(before), CLICKS).toString('latin1')
    const [head = '', tail = ''] = message(frame).toString('latin1').split(shown)
    expect(after).toStartWith(head)
    expect(after).toEndWith(tail)
    expect(untrack(after).targets).toEqual([LINK])
  })

  test('one pixel, however many pages it is cut into', () => {
    const parts = [
      part('text/html', HTML),
      part('image/png', 'AAAA', 'Content-Transfer-Encoding: base64'),
      part('text/html', HTML),
    ]
    const after = untrack(track(message(multipart('mixed', 'b', ...parts))).toString('latin1'))
    expect(after).toMatchObject({ pixels: 1, targets: [LINK, LINK] })
  })

  test.each([
    'signed; protocol="application/pgp-signature"',
    'encrypted; protocol="application/pgp-encrypted"',
  ])('multipart/%s is sealed, whatever is around it', (subtype) => {
    const sealed = multipart(
      subtype,
      'seal',
      multipart('alternative', 'in', part('text/html', HTML)),
      part('application/pgp-signature', 'x'),
    )
    expect(refusalOf(message(sealed))).toBe('sealed')
    expect(refusalOf(message(multipart('mixed', 'list', sealed)))).toBe('sealed')
    const beside = multipart('mixed', 'list', sealed, part('text/html', HTML))
    const after = track(message(beside), CLICKS).toString('latin1')
    expect(after).toContain(sealed)
    expect(untrack(after).targets).toEqual([LINK])
  })

  test.each([
    ['text alone', message(part('text/plain', HTML)), 'no_html'],
    ['S/MIME', message(part('application/pkcs7-mime; smime-type=signed-data', 'MIIB')), 'no_html'],
    ['no type at all', octets(`From: a@example.com\r\n\r\n${HTML}`), 'no_html'],
    [
      'a bomb of parts',
      message(multipart('mixed', 'b', ...new Array(1001).fill(part('text/html', HTML)))),
      'too_many_parts',
    ],
    ['no link', message(part('text/html', '<p>x</p>')), 'nothing_to_track'],
  ] as const)('%s: %3$s', (_, bytes, refusal) => {
    expect(refusalOf(bytes, CLICKS)).toBe(refusal)
  })

  test('what List-Unsubscribe names stays, also where the page repeats it', () => {
    const body = part(
      'text/html',
      `<a href="https://example.com/out?a=1&amp;b=2">out</a><a href="${LINK}">x</a>`,
    )
    const field = 'List-Unsubscribe: <mailto:out@example.com>,\r\n <https://example.com/out?a=1&b=2>\r\n'
    const before = octets(`From: a@example.com\r\n${field}${body}`)
    expect(untrack(track(before, CLICKS).toString()).targets).toEqual([LINK])
    const without = octets(`From: a@example.com\r\n${body}`)
    expect(untrack(track(without, CLICKS).toString()).targets).toHaveLength(2)
  })

  test.each([
    [
      'empty multiparts',
      multipart('mixed', 'b', ...new Array(20_000).fill(part('multipart/mixed; boundary=c', '--c'))),
    ],
    [
      'multiparts within each other',
      Array.from(
        { length: 5000 },
        (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n`,
      ).join(''),
    ],
    ['delimiters', `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n'.repeat(400_000)}`],
  ])('a bomb of %s takes no time', (_, entity) => {
    expect(refusalOf(message(entity))).toBe('too_many_parts')
  })

  test('a part that is cut off, a boundary without quotes, one that begins like another', () => {
    const before = lines(
      'Content-Type: multipart/mixed; charset=x;',
      ' boundary=b (a comment)',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      '--b2',
      ' --b',
      `x--b ${HTML}`,
      '--b \t',
      'CONTENT-TYPE: TEXT/HTML',
      '',
      HTML,
    )
    const after = untrack(track(message(before), CLICKS).toString('latin1'))
    expect(after).toMatchObject({ page: message(before).toString('latin1'), targets: [LINK] })
  })
})
