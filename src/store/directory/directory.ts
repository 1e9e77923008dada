// Owns: DirectoryStore for both engines: everyday statements, compiled once by Kysely and run by the engine's executor.

import { compilerFor, type Executor } from '../executor.ts'
import type { DirectoryStore, Store } from '../store.ts'
import { accountDirectory } from './accounts.ts'
import { domainDirectory } from './domains.ts'
import { keyDirectory } from './keys.ts'
import { purgeOn } from './purge.ts'
import { quotaDirectory } from './quotas.ts'
import { tokenDirectory } from './tokens.ts'

export function directoryOf(engine: Store['engine'], executor: Executor): DirectoryStore {
  const db = compilerFor(engine)
  return {
    ...accountDirectory(db, executor),
    ...keyDirectory(db, executor),
    ...domainDirectory(db, executor),
    ...tokenDirectory(engine, executor),
    ...quotaDirectory(engine, executor),
    ...purgeOn(engine, executor),
  }
}
