//
// Owns: the clock of the host, as core/ports wants it.

import type { Clock } from '../core/ports.ts'

export const systemClock = (): Clock => ({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (wait, then) => {
    const timer = setTimeout(then, Math.min(Math.max(0, wait), MAX_WAIT))
    return () => clearTimeout(timer)
  },
})

/** setTimeout fires at once when given more than 2^31 - 1. Who waits for weeks asks again. */
const MAX_WAIT = 2 ** 31 - 1
