import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { DeliveryId } from '../../../src/core/ids.ts'
import { withCrlf } from '../../../src/mail/mime/body-encode.ts'
import { fillMarks, markEdits } from '../../../src/mail/tracking/marks.ts'
import { compilePage, compileText, fillPage, type TrackedPage } from '../../../src/mail/tracking/page.ts'
import { fromBase64, fromQuotedPrintable } from '../../../src/mail/tracking/transfer.ts'
import {
  ADDRESS_MARK,
  URL_MARK,
  wayOutAddress,
  wayOutHead,
  wayOutTail,
} from '../../../src/mail/tracking/way-out.ts'

const KEY = Buffer.alloc(32, 5)
const COPY = 'msg_m1a2b3c4d001.7' as DeliveryId
const OFF = { opens: false, clicks: false, origin: 'https://t.test', untouched: [] }
const NEWS = wayOutTail('news')

const filled = (text: string): string =>
  text
    .replaceAll(URL_MARK + NEWS, wayOutHead(COPY, NEWS, KEY) + NEWS)
    .replaceAll(URL_MARK, wayOutHead(COPY, '', KEY))
    .replaceAll(ADDRESS_MARK, wayOutAddress(COPY, KEY))

function decoded(page: TrackedPage): string {
  const { bytes, encoding } = fillPage(page, COPY, KEY)
  if (encoding === '7bit') return bytes.toString('utf8')
  const octets = encoding === 'base64' ? fromBase64(bytes) : fromQuotedPrintable(bytes).octets
  return (octets ?? Buffer.alloc(0)).toString('utf8')
}

const pieces = fc.array(
  fc.constantFrom(
    `https://t.test/u/${URL_MARK}${NEWS} `,
    `<a href="https://t.test/u/${URL_MARK}">x</a>`,
    `unsub+${ADDRESS_MARK}@example.com`,
    'words ',
    ' ',
    '\n',
    '\r\n',
    '=3D',
    'ä',
    '短い説明'.repeat(20),
    'x'.repeat(1200),
    '0MailWok',
  ),
  { maxLength: 30 },
)

describe('marks of ways out', () => {
  test('become a copy’s own tokens in any text, and nothing else changes', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('')
        for (const page of [compileText(text), compilePage(text, OFF, true)]) {
          if (markEdits(text).length === 0) expect(page).toBeNull()
          else expect(page && decoded(page)).toBe(filled(withCrlf(text)))
        }
        expect(fillMarks({ text, marks: markEdits(text) }, COPY, KEY)).toBe(filled(text))
      }),
      { numRuns: 300 },
    )
  })

  test('are nothing to a page whose mail has no way out', () => {
    expect(compilePage(`<p>${URL_MARK}</p>`, OFF)).toBeNull()
  })
})
