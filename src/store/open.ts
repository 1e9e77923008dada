//
// Owns: which engine a store's URL names. Only the composition root opens a store.

import type { StoreOptions } from './options.ts'
import { openPostgres } from './postgres/open.ts'
import { openSqlite } from './sqlite/open.ts'
import type { Store } from './store.ts'

/** `sqlite:/path/to/file.db` or `postgres://user@host/database`. Rejects with a sentence for the operator. */
export function openStore(url: string, options: StoreOptions): Promise<Store> {
  const path = storeFile(url)
  if (path !== null) {
    if (path === '') return Promise.reject(new Error('store.url names no file; want sqlite:/path/to/file.db'))
    return openSqlite(path, options)
  }
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgres(url, options)
  // The URL itself is not repeated: it may hold a password.
  return Promise.reject(
    new Error('store.url is neither sqlite:/path/to/file.db nor postgres://user@host/database'),
  )
}

/** Null where the store is no file. */
export const storeFile = (url: string): string | null =>
  url.startsWith('sqlite:') ? url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '') : null
