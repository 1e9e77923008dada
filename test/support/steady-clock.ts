//
// Owns: the system's clock as a Clock, for tests that speak to real sockets.

import type { Clock } from '../../src/core/ports.ts'

export const steadyClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(wait, then) {
    const timer = setTimeout(then, wait)
    return () => clearTimeout(timer)
  },
}
