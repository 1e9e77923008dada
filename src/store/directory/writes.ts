// Owns: reading the end of a write of shared statements.

import { fault, ok, type Result } from '../../core/result.ts'
import type { StoreFault } from '../store-fault.ts'

type Written = Result<readonly (readonly unknown[])[], StoreFault | 'exists'>

/** For inserts: a taken key is an expected end. */
export const done = (written: Written): Result<void, StoreFault | 'exists'> =>
  written.ok ? ok(undefined) : written

/** For inserts that pass over a taken key: `exists` cannot come. */
export const refused = (error: StoreFault | 'exists') => fault(cannotExist(error))

/** For updates, which set no unique column: `exists` cannot come. */
export function settled(written: Written): Result<void, StoreFault> {
  if (written.ok) return ok(undefined)
  return fault(cannotExist(written.error))
}

/** For an update that returns what it changed: was there anything? */
export function changed(written: Written): Result<boolean, StoreFault> {
  if (written.ok) return ok((written.value[0] ?? []).length > 0)
  return fault(cannotExist(written.error))
}

function cannotExist(error: StoreFault | 'exists'): StoreFault {
  if (error === 'exists') throw new Error('an update of no unique column met a taken key')
  return error
}
