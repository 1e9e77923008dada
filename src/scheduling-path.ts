//
// Owns: wiring what senders and operators do to mail that waits.

import type { Foundation } from './foundation.ts'
import { Steering } from './services/scheduling/steering.ts'

/** `wake`: something may be due; a command without a node tells nobody. */
export const steeringOf = (
  { clock, ids, store }: Pick<Foundation, 'clock' | 'ids' | 'store'>,
  wake: () => void,
): Steering =>
  new Steering({ messages: store.messages, queue: store.queue, schedules: store.schedules, wake, clock, ids })
