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

/** Retention takes messages away as well. */
export const noSuchMessage = (id: string): AdminFault => ({
  code: 'not_found',
  message: `there is no message ${id}; its id is in the answer to the send, and in the 250 over SMTP`,
})

export const notAnId = (text: string): AdminFault => ({
  code: 'invalid_id',
  message: `${JSON.stringify(text)} is no message id; want msg_ and 12 letters or digits, as in the answer to the send`,
})

export const iso = (at: Milliseconds): string => new Date(at).toISOString()
export const isoOrNull = (at: Milliseconds | null): string | null => (at === null ? null : iso(at))
