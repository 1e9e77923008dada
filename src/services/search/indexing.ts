//
// Owns: keeping the index of mail by the clock: block after block behind what was accepted, and old ones once more.
// Any number of nodes may do it: of one block the first is kept.

import type { Clock, Meter } from '../../core/ports.ts'
import type { Result } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'
import { SETTLED_AFTER } from '../../store/search/search.ts'
import type { BlockBuilt, SearchStore } from '../../store/search-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'

export interface IndexingParts {
  readonly store: Pick<SearchStore, 'build' | 'recheck'>
  readonly clock: Clock
  readonly meter: Meter
}

/** Of one turn; what is left comes with the next. A large store that was never indexed takes some turns. */
const BLOCKS = 200
/** Between two, as many times as long as one took: that share of a core a backlog may have. */
const REST = 3

/** Rejects when the store is in trouble; the next turn goes on where this one stopped. */
export async function indexMail({ clock, meter, store }: IndexingParts, signal: AbortSignal): Promise<void> {
  const kinds = [() => store.build(clock.now() - SETTLED_AFTER), () => store.recheck(clock.now())] as const
  for (const step of kinds) {
    for (let done = 0; done < BLOCKS && !signal.aborted; done++) {
      const began = clock.monotonic()
      if (!(await stepped(step))) break
      meter.count('search_blocks_total')
      await rest(clock, REST * (clock.monotonic() - began), signal)
    }
  }
}

async function stepped(step: () => Promise<Result<BlockBuilt | null, StoreFault>>): Promise<boolean> {
  const made = await step()
  if (!made.ok) throw new Error(`the store does not take it: ${made.error}`)
  return made.value !== null
}

function rest(clock: Clock, time: Milliseconds, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(time, end)
    signal.addEventListener('abort', end)
  })
}
