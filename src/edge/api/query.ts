//
// Owns: reading the parameters of a query: which are known, and what each may be. What is wrong is named.

import { fault, ok, type Result } from '../../core/result.ts'
import { DAY, HOUR, MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import { parseTime } from '../../services/suppression/by-hand.ts'
import type { Problem } from './problem.ts'

export const invalid = (path: string, message: string): Problem => ({
  code: 'validation_failed',
  message: `${path} ${message}.`,
  fields: [{ path, code: 'invalid', message }],
})

/** Null: all are known. */
export function stranger(query: URLSearchParams, known: readonly string[]): Problem | null {
  const found = [...query.keys()].find((name) => !known.includes(name))
  if (found === undefined) return null
  return invalid(found.slice(0, 60).toWellFormed(), `is not a known parameter; known: ${known.join(', ')}`)
}

export function limitIn(
  query: URLSearchParams,
  { usual, most }: { readonly usual: number; readonly most: number },
): Result<number, Problem> {
  const limit = Number(query.get('limit') ?? usual)
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return ok(limit)
  return fault(invalid('limit', `wants a whole number from 1 to ${most}`))
}

/** One of `words`; null: it was not given. */
export function wordIn<W extends string>(
  query: URLSearchParams,
  name: string,
  words: readonly W[],
): Result<W | null, Problem> {
  const said = query.get(name)
  const word = words.find((one) => one === said)
  if (said === null || word !== undefined) return ok(word ?? null)
  return fault(invalid(name, `is none of ${words.join(', ')}`))
}

/** Null: it was not given. */
export function timeIn(said: string | null | undefined, path: string): Result<Milliseconds | null, Problem> {
  if (said === null || said === undefined) return ok(null)
  const at = parseTime(said)
  return Number.isNaN(at) ? fault(invalid(path, 'is no time such as 2027-01-15T10:30:00Z')) : ok(at)
}

const UNITS: Readonly<Record<string, Milliseconds>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY }

export function durationIn(said: string, path: string, most: Milliseconds): Result<Milliseconds, Problem> {
  const [, number = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(said) ?? []
  const span = Number(number) * (UNITS[unit] ?? Number.NaN)
  if (span >= 0 && span <= most) return ok(span)
  return fault(invalid(path, `is no duration of at most ${most / DAY} days, such as 90s, 12h or 7d`))
}
