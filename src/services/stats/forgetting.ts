//
// Owns: removing hours that nobody can ask for any more: by hour there are twenty times as many rows as by day.

import { ok, type Result } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { StatName, StatsStore } from '../../store/stats-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { HOURS_KEPT } from './ask.ts'

/** Through all names, each a commit of its own. How many names there are. */
export async function forgetOldHours(
  store: Pick<StatsStore, 'forgetHours'>,
  now: Milliseconds,
  signal: AbortSignal,
): Promise<Result<number, StoreFault>> {
  let after: StatName | null = null
  let names = 0
  while (!signal.aborted) {
    const done: Result<StatName | null, StoreFault> = await store.forgetHours(now - HOURS_KEPT, after)
    if (!done.ok) return done
    if (done.value === null) break
    after = done.value
    names += 1
  }
  return ok(names)
}
