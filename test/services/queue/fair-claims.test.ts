import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { fairClaims, shares } from '../../../src/services/queue/fair-claims.ts'
import type { LineId } from '../../../src/store/line.ts'
import type { ClaimAsk, DueLine } from '../../../src/store/store.ts'

type Draft = Partial<Omit<DueLine, 'id'>> & { readonly id: number }
const lineOf = (draft: Draft): DueLine => ({
  destination: 'a.example',
  rank: 0,
  account: 'a',
  campaign: '',
  provider: 'big',
  nextDueAt: 0,
  waiting: 1000,
  ...draft,
  id: draft.id as LineId,
})

const claimed = (drafts: readonly Draft[], space: number, { turn = 1, most = 500 } = {}) => {
  const limits: Record<number, number> = {}
  const asks: readonly ClaimAsk[] = fairClaims(drafts.map(lineOf), { most, turn, spaceOf: () => space })
  for (const ask of asks) if ('limit' in ask) limits[ask.line] = ask.limit
  return limits
}

test.each([
  ['one alone gets all', [{ id: 1 }], 100, { 1: 100 }],
  ['two accounts share', [{ id: 1 }, { id: 2, account: 'b' }], 100, { 1: 50, 2: 50 }],
  [
    'what one does not need the other gets',
    [{ id: 1 }, { id: 2, account: 'b', waiting: 3 }],
    100,
    { 1: 97, 2: 3 },
  ],
  [
    'many lines of one account are one account',
    [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4, account: 'b' }],
    90,
    { 1: 15, 2: 15, 3: 15, 4: 45 },
  ],
  [
    'campaigns share what their account gets',
    [
      { id: 1, campaign: 'x' },
      { id: 2, campaign: 'x' },
      { id: 3, campaign: 'y' },
    ],
    80,
    { 1: 20, 2: 20, 3: 40 },
  ],
  ['marketing gets a fifth', [{ id: 1 }, { id: 2, rank: 1 }], 100, { 1: 80, 2: 20 }],
  [
    'and all that is left',
    [
      { id: 1, waiting: 4 },
      { id: 2, rank: 1 },
    ],
    100,
    { 1: 4, 2: 96 },
  ],
  ['a full lane gets nothing', [{ id: 1 }], 0, {}],
] as const)('%s', (_name, drafts, space, want) => {
  expect(claimed(drafts, space)).toEqual(want)
})

test('room for one goes by turns, and marketing has one of five', () => {
  const both = [{ id: 1 }, { id: 2, rank: 1 as const }]
  const got = [1, 2, 3, 4, 5].map((turn) => claimed(both, 1, { turn }))
  expect(got).toEqual([{ 1: 1 }, { 1: 1 }, { 1: 1 }, { 1: 1 }, { 2: 1 }])
  // Who comes first in the order of turns gets what cannot be divided.
  expect(claimed([{ id: 2, account: 'b' }, { id: 1 }], 1)).toEqual({ 2: 1 })
})

test('a claim is shared among providers, and each unrouted destination is one', () => {
  const drafts = [
    { id: 1, provider: 'p' },
    { id: 2, provider: '', destination: 'x.example' },
    { id: 3, provider: '', destination: 'y.example' },
  ]
  expect(claimed(drafts, 1000, { most: 30 })).toEqual({ 1: 10, 2: 10, 3: 10 })
})

test('never more than there is room for, never more than is asked for, and nothing is left over', () => {
  const line = fc.record({
    rank: fc.constantFrom(0 as const, 1 as const),
    account: fc.constantFrom('a', 'b', 'c'),
    campaign: fc.constantFrom('', 'x'),
    provider: fc.constantFrom('p', 'q'),
    waiting: fc.integer({ min: 1, max: 300 }),
  })
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 30 }),
      fc.nat(200),
      fc.nat(10),
      (drafts, space, turn) => {
        const lines = drafts.map((draft, id) => ({ ...draft, id }))
        const limits = claimed(lines, space, { turn })
        for (const { id, waiting } of lines) expect(limits[id] ?? 0).toBeLessThanOrEqual(waiting)
        for (const provider of ['p', 'q']) {
          const of = lines.filter((each) => each.provider === provider)
          const sum = of.reduce((total, { id }) => total + (limits[id] ?? 0), 0)
          const demand = of.reduce((total, { waiting }) => total + waiting, 0)
          expect(sum).toBe(Math.min(demand, space))
        }
      },
    ),
  )
})

test.each([
  [10, [100, 100], [5, 5]],
  [10, [1, 100, 100], [1, 5, 4]],
  [2, [9, 9, 9], [1, 1, 0]],
  [0, [9], [0]],
  [9, [], []],
] as const)('%p among %p is %p', (total, demands, want) => {
  expect(
    shares(
      total,
      demands.map((demand) => ({ demand })),
    ),
  ).toEqual([...want])
})
