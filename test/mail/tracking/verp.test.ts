import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Domain, localPartOf, parseDomain } from '../../../src/core/address.ts'
import { deliveryId, parseMessageId } from '../../../src/core/ids.ts'
import { readVerp, verpFor } from '../../../src/mail/tracking/verp.ts'

function domain(text: string): Domain {
  const parsed = parseDomain(text)
  if (!parsed.ok) throw new Error(text)
  return parsed.value
}
const BOUNCES = domain('bounces.example.com')
const KEY = new Uint8Array(32).fill(7)
const OLD_KEY = new Uint8Array(32).fill(8)

const ids = fc.tuple(fc.stringMatching(/^[0-9a-z]{12}$/), fc.nat(100_000)).map(([stamp, ordinal]) => {
  const message = parseMessageId(`msg_${stamp}`)
  if (message === null) throw new Error(stamp)
  return deliveryId(message, ordinal)
})

describe('a return path', () => {
  test('comes back as the delivery it was made for, in any case of letters and under an old key', () => {
    fc.assert(
      fc.property(ids, (id) => {
        const local = localPartOf(verpFor(id, BOUNCES, OLD_KEY))
        expect(local.length).toBeLessThanOrEqual(64)
        expect(readVerp(local, [KEY, OLD_KEY])).toBe(id)
        expect(readVerp(local.toUpperCase(), [OLD_KEY])).toBe(id)
        expect(readVerp(local, [KEY])).toBeNull()
        expect(readVerp(local, [])).toBeNull()
      }),
    )
  })

  test('is void when any character is changed, added or taken away', () => {
    const chars = fc.constantFrom(...'abz019+-._=\u212a\u017fé ')
    fc.assert(
      fc.property(ids, fc.nat(63), chars, (id, at, char) => {
        const local = localPartOf(verpFor(id, BOUNCES, KEY))
        const index = at % local.length
        const changed = local.slice(0, index) + char + local.slice(index + 1)
        if (changed.toLowerCase() !== local || changed.length !== local.length)
          expect(readVerp(changed, [KEY])).toBeNull()
        expect(readVerp(local.slice(0, index) + char + local.slice(index), [KEY])).toBeNull()
        expect(readVerp(local.slice(0, index) + local.slice(index + 1), [KEY])).toBeNull()
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    '',
    'b+',
    'postmaster',
    'b+abcdefghijkl0-',
    `b+${'a'.repeat(60)}`,
    'b+abcdefghijklzzzzzzzz-aaaaaaaaaaaaaaaa',
  ])('%j is none of ours', (local) => {
    expect(readVerp(local, [KEY])).toBeNull()
  })

  test('keeps its form: mail under way carries it', () => {
    const message = parseMessageId('msg_abcdefghijkl')
    if (message === null) throw new Error('msg_abcdefghijkl')
    expect(verpFor(deliveryId(message, 36), BOUNCES, KEY)).toMatchInlineSnapshot(
      `"b+abcdefghijkl10-htxltr3opqg6kwvq@bounces.example.com"`,
    )
  })
})
