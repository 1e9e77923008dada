import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { deliveryId, type MessageId } from '../../../src/core/ids.ts'
import { clickHead, copyName, HEAD_CHARACTERS, openHead } from '../../../src/mail/tracking/link-token.ts'
import {
  ADDRESS_MARK,
  ADDRESS_TOKEN_CHARACTERS,
  readWayOut,
  readWayOutAddress,
  URL_MARK,
  type WayOut,
  wayOutAddress,
  wayOutHead,
  wayOutTail,
} from '../../../src/mail/tracking/way-out.ts'

const KEY = Buffer.alloc(32, 1)
const OLD = Buffer.alloc(32, 2)
const DELIVERY = deliveryId('msg_mfxy1234z0ab' as MessageId, 36)

const deliveries = fc
  .tuple(fc.stringMatching(/^[0-9a-z]{12}$/), fc.nat(9_999_999))
  .map(([stamp, ordinal]) => deliveryId(`msg_${stamp}` as MessageId, ordinal))
const lists = fc.option(fc.stringMatching(/^[a-z0-9.-]{1,64}$/), { nil: undefined })

const tokenOf = (list: string | undefined, key: Uint8Array = KEY, delivery = DELIVERY): string =>
  wayOutHead(delivery, wayOutTail(list), key) + wayOutTail(list)

describe('a token to leave by', () => {
  test('says without a store who leaves what, under old keys too', () => {
    fc.assert(
      fc.property(deliveries, lists, (delivery, list) => {
        const token = tokenOf(list, OLD, delivery)
        const scope: WayOut['scope'] = list === undefined ? 'marketing' : `list:${list}`
        const read = { deliveryId: delivery, scope }
        expect(readWayOut(token, [KEY, OLD])).toEqual(read)
        expect(readWayOut(token, [KEY])).toBeNull()
        const address = wayOutAddress(delivery, OLD)
        expect(readWayOutAddress(address, [KEY, OLD])).toBe(delivery)
        expect(readWayOutAddress(address.toUpperCase(), [KEY, OLD])).toBe(delivery)
        expect(readWayOutAddress(address, [KEY])).toBeNull()
      }),
    )
  })

  test('is void when any bit of it is flipped', () => {
    for (const token of [tokenOf(undefined), tokenOf('news.weekly')]) {
      for (const flipped of flips(token)) expect(readWayOut(flipped, [KEY])).toBeNull()
    }
    const address = wayOutAddress(DELIVERY, KEY)
    for (const flipped of flips(address)) {
      // Case alone does not count in a mailbox.
      if (flipped.toLowerCase() !== address) expect(readWayOutAddress(flipped, [KEY])).toBeNull()
    }
  })

  test('is no token of another kind, and none of another kind is one', () => {
    const name = copyName(DELIVERY)
    expect(readWayOut(openHead(name, KEY), [KEY])).toBeNull()
    expect(readWayOut(`${clickHead(name, 'abcd', KEY)}abcd`, [KEY])).toBeNull()
    expect(readWayOut(wayOutAddress(DELIVERY, KEY), [KEY])).toBeNull()
    expect(readWayOutAddress(wayOutHead(DELIVERY, '', KEY), [KEY])).toBeNull()
  })

  test('is as long as the mark that stands for it, and a mark leaves nothing', () => {
    expect(wayOutHead(DELIVERY, 'eA', KEY)).toHaveLength(URL_MARK.length)
    expect(URL_MARK).toHaveLength(HEAD_CHARACTERS)
    expect(wayOutAddress(DELIVERY, KEY)).toHaveLength(ADDRESS_MARK.length)
    expect(ADDRESS_MARK).toHaveLength(ADDRESS_TOKEN_CHARACTERS)
    expect(readWayOut(URL_MARK, [KEY])).toBeNull()
    expect(readWayOutAddress(ADDRESS_MARK, [KEY])).toBeNull()
  })

  test('is refused unread when it is too long', () => {
    expect(readWayOut(tokenOf('x'.repeat(200)), [KEY])).toBeNull()
  })
})

function flips(token: string): string[] {
  const octets = Buffer.from(token, 'latin1')
  return Array.from({ length: octets.length * 8 }, (_, bit) => {
    const flipped = Buffer.from(octets)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    return flipped.toString('latin1')
  })
}
