import { expect, test } from 'bun:test'
import type { LineId } from '../../src/store/line.ts'
import type { DueLine } from '../../src/store/store.ts'
import { inTurn } from '../../src/store/turns.ts'

const line = (account: number, provider = 'big'): DueLine => ({
  id: account as LineId,
  destination: 'a.example',
  rank: 0,
  account: `acc_${account}`,
  campaign: '',
  provider,
  nextDueAt: 0,
  waiting: 100,
})

/** A look at the queue may take one call or four. */
test.each([1, 2, 3, 4])(
  'with every call number %p used, each account is the first one time and again',
  (step) => {
    for (let accounts = 2; accounts <= 12; accounts++) {
      const lines = Array.from({ length: accounts }, (_, account) => line(account))
      const firsts = new Map<string, number>()
      for (let spin = 1; spin <= 40 * accounts * step; spin += step) {
        const first = inTurn(lines, 64, spin)[0]?.account ?? ''
        firsts.set(first, (firsts.get(first) ?? 0) + 1)
      }
      expect(firsts.size).toBe(accounts)
      expect(Math.min(...firsts.values())).toBeGreaterThan(20)
    }
  },
)

test('who is the first among accounts does not hang on who is the first among providers', () => {
  const lines = ['one', 'two'].flatMap((provider) => [line(1, provider), line(2, provider)])
  const pairs = new Set<string>()
  for (let spin = 1; spin <= 64; spin++) {
    const [first] = inTurn(lines, 64, spin)
    pairs.add(`${first?.provider} ${first?.account}`)
  }
  expect(pairs.size).toBe(4)
})
