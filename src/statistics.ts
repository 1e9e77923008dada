//
// Owns: wiring what is counted of the log; by what is counted, senders are judged (sending-care.ts).

import { HOUR, type Milliseconds } from './core/time.ts'
import type { Foundation } from './foundation.ts'
import type { Admission } from './mail-path.ts'
import { watchOf } from './sending-care.ts'
import { providerOfMx } from './services/routing/provider.ts'
import { Counting } from './services/stats/counting.ts'
import { forgetOldHours } from './services/stats/forgetting.ts'
import { RollUp } from './services/stats/roll-up.ts'
import { Stats } from './services/stats/stats.ts'

const FORGET_EVERY: Milliseconds = 6 * HOUR

export const statsOf = ({ clock, store }: Pick<Foundation, 'clock' | 'store'>): Stats =>
  new Stats({ store: store.stats, log: store.log, clock })

/** Starts counting; what it returns ends it, after the step that it is in. */
export function startStatistics(foundation: Foundation, admission: Admission): () => Promise<void> {
  const { book } = admission
  const { clock, log, meter, store } = foundation
  const counting = new Counting({
    store: store.stats,
    providerOf: (mx) => providerOfMx([{ preference: 0, exchange: mx }], book),
    mayReport: (provider) => book.facts(provider) !== null,
  })
  const watch = watchOf(foundation, admission)
  const ending = new AbortController()
  let forgotAt = Number.NEGATIVE_INFINITY
  let forgetting: Promise<unknown> = Promise.resolve()
  let isFirst = true
  const rollUp = new RollUp({
    log: store.log,
    counting,
    clock,
    say: log,
    meter,
    counted: async ({ accounts, upTo }) => {
      // Who was counted before this start may not have been judged.
      const all = isFirst ? (await foundation.accounts.list()).map(({ id }) => id) : []
      isFirst = false
      await watch.counted([...all, ...accounts], upTo)
      if (upTo === null || clock.monotonic() - forgotAt < FORGET_EVERY) return
      forgotAt = clock.monotonic()
      // Beside the counting: through thousands of names it takes its time.
      forgetting = forgetOldHours(store.stats, upTo, ending.signal).catch((error) =>
        log.warn('old hours could not be removed; it is tried again', { error: String(error) }),
      )
    },
  })
  rollUp.start()
  return async (): Promise<void> => {
    ending.abort()
    await rollUp.stop()
    await forgetting
  }
}
