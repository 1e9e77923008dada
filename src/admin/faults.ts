//
// Owns: faults that many admin actions share, in sentences for the operator.

import type { Milliseconds } from '../core/time.ts'
import type { StoreFault } from '../store/store-fault.ts'
import type { AdminFault } from './admin.ts'

export function storeFault(error: StoreFault): AdminFault {
  switch (error) {
    case 'full':
      return { code: 'storage_full', message: 'the disk is full; nothing was changed' }
    case 'busy':
      return { code: 'storage_busy', message: 'the store has too much to do; try again' }
    case 'unavailable':
      return { code: 'storage_unavailable', message: 'the store cannot commit now; the log says why' }
    default:
      return error satisfies never
  }
}

export const notFound = (what: string, look: string): AdminFault => ({
  code: 'not_found',
  message: `there is no ${what}; see: ${look}`,
})

export const iso = (at: Milliseconds): string => new Date(at).toISOString()
export const isoOrNull = (at: Milliseconds | null): string | null => (at === null ? null : iso(at))
