import { describe, expect, test } from 'bun:test'
import type { StoredDkimKey } from '../../../src/core/account.ts'
import { DAY, HOUR } from '../../../src/core/time.ts'
import { decideRotation, isReady, type RotationFacts } from '../../../src/services/domains/rotation.ts'
import { domain } from '../../support/dkim.ts'

const NOW = Date.UTC(2027, 0, 15)
const key = (
  selector: string,
  state: StoredDkimKey['state'],
  more: Partial<StoredDkimKey> = {},
): StoredDkimKey => ({
  domain: domain('example.com'),
  selector,
  algorithm: selector.endsWith('e') ? 'ed25519-sha256' : 'rsa-sha256',
  publicKey: 'p',
  sealedPrivateKey: new Uint8Array(),
  createdAt: NOW - 200 * DAY,
  state,
  origin: 'made',
  activatedAt: state === 'next' ? null : NOW - 200 * DAY,
  retiredAt: null,
  ...SEEN,
  ...more,
})
const SEEN = { seenSince: NOW - 2 * HOUR, seenAt: NOW, seenLooks: 3 }
const UNSEEN = { seenSince: null, seenAt: null, seenLooks: 0 }
const ED = [key('mw1e', 'active', { activatedAt: NOW }), key('mw2e', 'next')]
const decide = (rsa: readonly StoredDkimKey[], more: Partial<RotationFacts> = {}) =>
  decideRotation({
    keys: [...rsa, ...ED],
    now: NOW,
    every: 180 * DAY,
    wanted: false,
    fixedNames: false,
    ...more,
  })
const NOTHING = { activate: [], make: [], remove: [], grants: false }
const TURN = {
  activate: [{ selector: 'mw2r', algorithm: 'rsa-sha256' }],
  make: [{ selector: 'mw3r', algorithm: 'rsa-sha256' }],
  remove: [],
  grants: false,
} as const

describe('the next key takes its turn', () => {
  test('when it is time and its record was seen for an hour', () => {
    expect(decide([key('mw1r', 'active'), key('mw2r', 'next')])).toEqual(TURN)
  })

  test.each([
    ['it is not time', { activatedAt: NOW - 179 * DAY }, {}, {}],
    ['rotation is off', {}, {}, { every: null }],
    ['its record was never seen', {}, UNSEEN, {}],
    ['it was seen once', {}, { seenSince: NOW, seenAt: NOW, seenLooks: 1 }, {}],
    ['it was seen for less than an hour', {}, { seenSince: NOW - HOUR + 1, seenAt: NOW, seenLooks: 9 }, {}],
    ['it is not published, though somebody wants it', {}, UNSEEN, { wanted: true }],
  ] as const)('but not when %s', (_name, active, next, more) => {
    expect(decide([key('mw1r', 'active', active), key('mw2r', 'next', next)], more)).toEqual(NOTHING)
  })

  test('at once when somebody wants it', () => {
    const active = key('mw1r', 'active', { activatedAt: NOW })
    const { activate, grants } = decide([active, key('mw2r', 'next')], { wanted: true })
    expect(grants).toBe(true)
    expect(activate.map(({ selector }) => selector)).toEqual(['mw2r', 'mw2e'])
  })

  test('at once when it was brought along', () => {
    const active = key('mw1r', 'active', { activatedAt: NOW })
    expect(decide([active, key('s1', 'next', { origin: 'imported' })]).activate).toEqual([
      { selector: 's1', algorithm: 'rsa-sha256' },
    ])
  })

  test('at once when the record of the one that signs is gone', () => {
    const active = key('mw1r', 'active', { activatedAt: NOW, ...UNSEEN })
    expect(decide([active, key('mw2r', 'next')])).toEqual(TURN)
  })
})

describe('keys are made and forgotten', () => {
  test('a domain of an earlier version gets its next keys', () => {
    const { make } = decideRotation({
      keys: [key('mw1r', 'active'), key('mw1e', 'active')],
      now: NOW,
      every: null,
      wanted: false,
      fixedNames: false,
    })
    expect(make.map(({ selector }) => selector)).toEqual(['mw2r', 'mw2e'])
  })

  test('a retired key stays for eight days', () => {
    const turned = [key('mw2r', 'active', { activatedAt: NOW }), key('mw3r', 'next')]
    const retired = (age: number) => key('mw1r', 'retired', { retiredAt: NOW - age })
    expect(decide([...turned, retired(8 * DAY - 1)])).toEqual(NOTHING)
    expect(decide([...turned, retired(8 * DAY)])).toEqual({ ...NOTHING, remove: ['mw1r'] })
    // A clock that was set back.
    expect(decide([...turned, retired(-DAY)])).toEqual(NOTHING)
  })

  test('a name is not used again where names are free', () => {
    const keys = [
      key('mw2r', 'active'),
      key('mw3r', 'next'),
      key('mw1r', 'retired', { retiredAt: NOW - 9 * DAY }),
    ]
    expect(decide(keys)).toEqual({
      activate: [{ selector: 'mw3r', algorithm: 'rsa-sha256' }],
      make: [{ selector: 'mw4r', algorithm: 'rsa-sha256' }],
      remove: ['mw1r'],
      grants: false,
    })
  })

  test('where names are fixed by CNAME, two take turns, and the second waits until the first is free', () => {
    const fixed = { fixedNames: true } as const
    expect(decide([key('mw1r', 'active'), key('mw2r', 'next')], fixed)).toEqual({ ...TURN, make: [] })
    const turned = [
      key('mw2r', 'active', { activatedAt: NOW }),
      key('mw1r', 'retired', { retiredAt: NOW - DAY }),
    ]
    expect(decide(turned, fixed)).toEqual(NOTHING)
    const later = [
      key('mw2r', 'active', { activatedAt: NOW }),
      key('mw1r', 'retired', { retiredAt: NOW - 8 * DAY }),
    ]
    expect(decide(later, fixed)).toEqual({
      activate: [],
      make: [{ selector: 'mw1r', algorithm: 'rsa-sha256' }],
      remove: ['mw1r'],
      grants: false,
    })
  })
})

test('a key is ready after two looks with an hour between', () => {
  expect(isReady(key('mw2r', 'next', { seenLooks: 2, seenSince: NOW - HOUR, seenAt: NOW }))).toBe(true)
  expect(isReady(key('mw2r', 'next', { seenLooks: 1, seenSince: NOW - HOUR, seenAt: NOW }))).toBe(false)
})
