//
// Owns: putting texts in the place of names, as vendors do it for each recipient before anything is sent, within a bound:
// a short name that stands often, and a long text for it, would be more than any memory. Pure.

/** Of one request. */
export interface Budget {
  /** Octets, nearly: how much all that is put together may come to. */
  left: number
  /** Places at which a name is looked for, times names: text that is made for it takes a nanosecond for each. */
  work: number
}

/** Of one message; more are no form letter. */
export const MOST_NAMES = 200
export const LONGEST_NAME = 100
const MOST_WORK = 500_000_000

/** What a batch may have (POST /v1/email/batch). */
export const MOST_OCTETS = 50_000_000

export const freshBudget = (): Budget => ({ left: MOST_OCTETS, work: MOST_WORK })

/** Null: it would be too large. */
export type PutIn = (text: string) => string | null

/** The longest name first, and nothing that was put in is looked at again. */
export function putter(values: ReadonlyMap<string, string>, budget: Budget): PutIn {
  const names = [...values.keys()].toSorted((one, other) => other.length - one.length)
  if (names.length === 0) return (text) => text
  const anyName = new RegExp(names.map((name) => RegExp.escape(name)).join('|'), 'g')
  return (text) => {
    budget.work -= text.length * names.length
    if (budget.work < 0) return null
    const pieces: string[] = []
    let from = 0
    for (const found of text.matchAll(anyName)) {
      const value = values.get(found[0]) ?? ''
      budget.left -= found.index - from + value.length
      if (budget.left < 0) return null
      pieces.push(text.slice(from, found.index), value)
      from = found.index + found[0].length
    }
    budget.left -= text.length - from
    if (budget.left < 0) return null
    pieces.push(text.slice(from))
    return pieces.join('')
  }
}
