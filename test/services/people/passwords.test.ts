import { describe, expect, test } from 'bun:test'
import { Passwords, passwordFault } from '../../../src/services/people/passwords.ts'

const CHEAP = { memoryCost: 1024, timeCost: 1, atOnce: 1, waiting: 2 }

describe('a password', () => {
  test.each([
    ['123456789', 'wants 10 to 256 characters'],
    ['1234567890', null],
    ['🐎🐎🐎🐎🐎🐄🐖🐏🐑', 'wants 10 to 256 characters'],
    ['🐎🐎🐎🐎🐎🐄🐖🐏🐑🐐', null],
    ['x1y2'.repeat(64), null],
    [`${'x1y2'.repeat(64)}z`, 'wants 10 to 256 characters'],
    ['aaaaaaaaaaaaaaa', 'repeats itself'],
    ['Someone@Example.com', 'is the address itself'],
  ])('%p: %p', (password, fault) => {
    expect(passwordFault(password, 'someone@example.com')).toBe(fault)
  })

  test('is kept as argon2id, and matches however its letters were composed', async () => {
    const passwords = new Passwords(CHEAP)
    const kept = await passwords.hash('Grüße vom Müller')
    expect(kept).toStartWith('$argon2id$v=19$m=1024,t=1,p=1$')
    expect(await passwords.matches('Grüße vom Müller'.normalize('NFD'), kept)).toBe(true)
    expect(await passwords.matches('Grusse vom Muller', kept)).toBe(false)
    expect(await passwords.matches('anything', null)).toBe(false)
  })

  test('who comes when too many wait is told so, and the line moves on', async () => {
    const passwords = new Passwords(CHEAP)
    await passwords.matches('x', null)
    const ends = await Promise.all(Array.from({ length: 5 }, () => passwords.hash('some password')))
    expect(ends.filter((end) => end === null)).toHaveLength(2)
    expect(await passwords.hash('some password')).not.toBeNull()
  })

  test('nobody takes as long as somebody', async () => {
    const passwords = new Passwords({ ...CHEAP, memoryCost: 16_384, timeCost: 2 })
    const kept = await passwords.hash('some password')
    await passwords.matches('warm', null)
    const time = async (against: string | null): Promise<number> => {
      const all: number[] = []
      for (let round = 0; round < 9; round++) {
        const start = performance.now()
        await passwords.matches('other password', against)
        all.push(performance.now() - start)
      }
      return all.toSorted((one, other) => one - other)[4] ?? 0
    }
    const [somebody, nobody] = [await time(kept), await time(null)]
    expect(nobody / somebody).toBeGreaterThan(0.6)
    expect(nobody / somebody).toBeLessThan(1.6)
  })
})
