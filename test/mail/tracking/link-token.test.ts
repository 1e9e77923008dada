import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { deliveryId, type MessageId } from '../../../src/core/ids.ts'
import {
  clickHead,
  clickTail,
  copyName,
  HEAD_CHARACTERS,
  isTarget,
  MAX_TARGET_OCTETS,
  openHead,
  readClick,
  readOpen,
} from '../../../src/mail/tracking/link-token.ts'
import { verpFor } from '../../../src/mail/tracking/verp.ts'

const KEY = Buffer.alloc(32, 1)
const OLD = Buffer.alloc(32, 2)
const DELIVERY = deliveryId('msg_mfxy1234z0ab' as MessageId, 36)
const NAME = copyName(DELIVERY)

const deliveries = fc
  .tuple(fc.stringMatching(/^[0-9a-z]{12}$/), fc.nat(9_999_999))
  .map(([stamp, ordinal]) => deliveryId(`msg_${stamp}` as MessageId, ordinal))
const targets = fc.webUrl({ withQueryParameters: true, withFragments: true }).filter(isTarget)
const clicks = fc.tuple(deliveries, targets, fc.integer({ min: 1, max: 1295 }))

function clickOf(target: string, key: Uint8Array = KEY, delivery = DELIVERY): string {
  const tail = clickTail(target, 3, 7)
  return clickHead(copyName(delivery), tail, key) + tail
}

describe('a token', () => {
  test('says without a store whose it is and where it leads, under old keys too', () => {
    fc.assert(
      fc.property(clicks, ([delivery, target, link]) => {
        const tail = clickTail(target, link, 1295)
        const head = clickHead(copyName(delivery), tail, OLD)
        expect(head).toHaveLength(HEAD_CHARACTERS)
        const read = { deliveryId: delivery, target, link, links: 1295 }
        expect(readClick(head + tail, [KEY, OLD])).toEqual(read)
        expect(readClick(head + tail, [KEY])).toBeNull()
        expect(readClick(head + tail, [])).toBeNull()
        const open = openHead(copyName(delivery), OLD)
        expect(open).toHaveLength(HEAD_CHARACTERS)
        expect(readOpen(open, [KEY, OLD])).toBe(delivery)
        expect(readOpen(open, [KEY])).toBeNull()
      }),
    )
  })

  test('is void when any bit is flipped', () => {
    for (const token of [openHead(NAME, KEY), clickOf('https://example.com/a?b=c&d=e#f')]) {
      const octets = Buffer.from(token, 'latin1')
      for (let bit = 0; bit < octets.length * 8; bit++) {
        const flipped = Buffer.from(octets)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const text = flipped.toString('latin1')
        expect(readOpen(text, [KEY]) ?? readClick(text, [KEY])).toBeNull()
      }
    }
  })

  test('is void when a character is changed, added, moved or taken away', () => {
    const chars = fc.constantFrom(...'azAZ019-_.=~%/ \u212a\u017f')
    fc.assert(
      fc.property(clicks, fc.nat(4000), chars, ([delivery, target], at, char) => {
        const token = clickOf(target, KEY, delivery)
        const index = at % (token.length + 1)
        const changes = [
          token.slice(0, index) + char + token.slice(index + 1),
          token.slice(0, index) + char + token.slice(index),
          token.slice(0, index) + token.slice(index + 1),
          token.slice(index) + token.slice(0, index),
          token.slice(0, index),
        ]
        for (const changed of changes) {
          if (changed !== token) expect(readOpen(changed, [KEY]) ?? readClick(changed, [KEY])).toBeNull()
        }
      }),
      { numRuns: 500 },
    )
  })

  test('of one kind is none of another', () => {
    const open = openHead(NAME, KEY)
    const click = clickOf('https://example.com/')
    expect(readClick(open, [KEY])).toBeNull()
    expect(readOpen(click.slice(0, HEAD_CHARACTERS), [KEY])).toBeNull()
    expect(readClick(open + click.slice(HEAD_CHARACTERS), [KEY])).toBeNull()
    expect(verpFor(DELIVERY, 'example.com' as never, KEY)).not.toContain(open.slice(-16))
  })

  test('of one copy does not vouch for another link or another copy', () => {
    const one = clickOf('https://example.com/one')
    const two = clickOf('https://example.net/two')
    expect(readClick(one.slice(0, HEAD_CHARACTERS) + two.slice(HEAD_CHARACTERS), [KEY])).toBeNull()
    const other = copyName(deliveryId('msg_mfxy1234z0ab' as MessageId, 37))
    expect(readClick(other + one.slice(other.length), [KEY])).toBeNull()
  })

  test('keeps its form: mail in inboxes carries it', () => {
    expect(openHead(NAME, KEY)).toMatchInlineSnapshot(`"1mfxy1234z0ab00010RLmx_HSO4VbUGU2T"`)
    expect(clickOf('https://example.com/?a=b')).toMatchInlineSnapshot(
      `"1mfxy1234z0ab0001046u2X4mnfgC1LGIo0307aHR0cHM6Ly9leGFtcGxlLmNvbS8_YT1i"`,
    )
  })
})

describe('where a redirect may lead', () => {
  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://example.com/',
    '//example.com/',
    'https://',
    'https://exa mple.com/',
    'https://example.com/\r\nSet-Cookie: a=b',
    'https://example.com/\u00e9',
    `https://example.com/${'a'.repeat(MAX_TARGET_OCTETS)}`,
    '',
  ])('%j is no target, not even with our own proof', (target) => {
    expect(isTarget(target)).toBe(false)
    expect(readClick(clickOf(target), [KEY])).toBeNull()
  })

  test('nobody makes us compute over a megabyte', () => {
    expect(readClick(openHead(NAME, KEY) + 'a'.repeat(1_000_000), [KEY])).toBeNull()
  })
})
