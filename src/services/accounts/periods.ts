//
// Owns: the days and calendar months of UTC in which mail is counted. Pure.

import { DAY, type Milliseconds } from '../../core/time.ts'
import type { QuotaPeriod } from '../../store/account-store.ts'

export interface Period {
  /** `2027-01-15` or `2027-01`. */
  readonly name: QuotaPeriod
  readonly from: Milliseconds
  /** When the next one begins. */
  readonly until: Milliseconds
}

export function dayOf(now: Milliseconds): Period {
  const from = Math.floor(now / DAY) * DAY
  return { name: new Date(from).toISOString().slice(0, 10), from, until: from + DAY }
}

export function monthOf(now: Milliseconds): Period {
  const at = new Date(now)
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()]
  const from = Date.UTC(year, month, 1)
  return { name: new Date(from).toISOString().slice(0, 7), from, until: Date.UTC(year, month + 1, 1) }
}

export const isIn = ({ from, until }: Period, now: Milliseconds): boolean => now >= from && now < until
