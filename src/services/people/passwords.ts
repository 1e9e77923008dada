//
// Owns: passwords: which are taken, and argon2id in threads of the runtime, a few at a time. Each needs 64 MB and an eighth
// of a second of a core: logins must not take the machine from mail.

import { randomBytes } from 'node:crypto'

export interface PasswordCost {
  /** KiB. */
  readonly memoryCost: number
  readonly timeCost: number
  /** At the same time. */
  readonly atOnce: number
  /** Who comes when so many wait is told to come again. */
  readonly waiting: number
}

export const USUAL_COST: PasswordCost = { memoryCost: 65_536, timeCost: 2, atOnce: 2, waiting: 64 }

export const SHORTEST = 10
export const LONGEST = 256

/** Null: it is good. Length is what counts (NIST SP 800-63B §5.1.1.2); the address itself is what is tried first. */
export function passwordFault(password: string, address: string): string | null {
  const length = [...password].length
  if (length < SHORTEST || length > LONGEST) return `wants ${SHORTEST} to ${LONGEST} characters`
  const bare = password.toLowerCase()
  const [local = ''] = address.split('@')
  if (
    bare === address.toLowerCase() ||
    bare === local.repeat(Math.ceil(SHORTEST / Math.max(1, local.length)))
  ) {
    return 'is the address itself'
  }
  if (new Set(password).size < 4) return 'repeats itself'
  return null
}

export class Passwords {
  readonly #cost: PasswordCost
  #running = 0
  readonly #line: (() => void)[] = []
  #nobody: Promise<string> | null = null

  constructor(cost: PasswordCost) {
    this.#cost = cost
  }

  /** Null: too many wait. */
  hash(password: string): Promise<string | null> {
    return this.#inTurn(() => this.#hash(password))
  }

  /**
   * `kept` null: there is no such user. It takes as long as with one, so that nobody learns by the clock who has an
   * account. Null: too many wait.
   */
  async matches(password: string, kept: string | null): Promise<boolean | null> {
    this.#nobody ??= this.#hash(randomBytes(32).toString('hex'))
    const against = kept ?? (await this.#nobody)
    const same = await this.#inTurn(() => Bun.password.verify(normal(password), against))
    return same === null ? null : same && kept !== null
  }

  #hash(password: string): Promise<string> {
    const { memoryCost, timeCost } = this.#cost
    return Bun.password.hash(normal(password), { algorithm: 'argon2id', memoryCost, timeCost })
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T | null> {
    if (this.#running >= this.#cost.atOnce) {
      if (this.#line.length >= this.#cost.waiting) return null
      await new Promise<void>((turn) => this.#line.push(turn))
    } else {
      this.#running += 1
    }
    try {
      return await work()
    } finally {
      const next = this.#line.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}

/** Two ways to type the same letter are the same password (NIST SP 800-63B §5.1.1.2). */
const normal = (password: string): string => password.normalize('NFKC')
