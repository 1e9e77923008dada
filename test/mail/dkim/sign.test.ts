import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { bothKeys, parts, signed, verdicts } from '../../support/dkim.ts'

const keys = bothKeys()
const HEADER = [
  'Received: from a (b [192.0.2.1]) by mail.example.com; Fri, 2 Jan 2026 03:04:05 +0000',
  'From: Ann <ann@example.com>',
  'To: Bob <bob@example.net>,',
  '\tCarl <carl@example.net>',
  'Cc: d@example.net',
  'Subject:   A   subject \t with  space  ',
  'Date: Fri, 2 Jan 2026 03:04:05 +0000',
  'Reply-To: help@example.com',
  'Message-ID: <1@example.com>',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: 8bit',
  'List-Unsubscribe: <https://example.com/u>',
  'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
  'Feedback-ID: 1:2:3:mailwok',
  'X-Other: not covered',
]

describe('signatures', () => {
  test('both keys of a plain message pass', async () => {
    expect(await verdicts(signed(parts(HEADER, 'Hello\r\n'), keys), keys)).toEqual(['pass', 'pass'])
  })

  test('arbitrary octets in lines pass', async () => {
    const octet = fc.integer({ min: 0, max: 255 }).filter((each) => each !== 10 && each !== 13)
    const often = fc.oneof(octet, fc.constantFrom(0x20, 0x09, 0x0b, 0x0c, 0xa0, 0x2e))
    const line = fc.array(often, { maxLength: 30 }).map((octets) => Buffer.from([...octets, 13, 10]))
    const body = fc.array(line, { maxLength: 12 }).map((lines) => Buffer.concat(lines))
    await fc.assert(
      fc.asyncProperty(body, async (bytes) => {
        expect(await verdicts(signed(parts(HEADER, bytes), keys), keys)).toEqual(['pass', 'pass'])
      }),
      { numRuns: 60 },
    )
  })
})
