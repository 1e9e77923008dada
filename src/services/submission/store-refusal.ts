//
// Owns: the door's words for a store that cannot keep a message now. All pass by themselves.

import { SECOND } from '../../core/time.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import type { Refusal } from './refusal.ts'

export function storeRefusal(error: StoreFault): Refusal {
  switch (error) {
    case 'full':
      return {
        code: 'storage_full',
        say: 'The disk is full; nothing was accepted. Come again later.',
        retryAfter: 60 * SECOND,
      }
    case 'busy':
      return {
        code: 'storage_busy',
        say: 'Too much is waiting to be written; nothing was accepted. Come again in a moment.',
        retryAfter: SECOND,
      }
    case 'unavailable':
      return {
        code: 'storage_unavailable',
        say: 'The store cannot be written to now; nothing was accepted. Come again later.',
        retryAfter: 5 * SECOND,
      }
    default:
      return error satisfies never
  }
}
