// Owns: statements over API keys.
// Never: secrets; a key comes as its hash.

import type { Kysely } from 'kysely'
import { FULL_ACCESS, type KeyAccess } from '../../core/access.ts'
import type { KeyStore } from '../account-store.ts'
import { type Executor, statement } from '../executor.ts'
import type { Tables } from '../tables.ts'
import { keyOfRow } from './rows.ts'
import { changed, done, settled } from './writes.ts'

const NO_HASH = new Uint8Array()
const KEY_COLUMNS = [
  'id',
  'account_id',
  'name',
  'mode',
  'prefix',
  'created_at',
  'last_used_at',
  'last_used_from',
  'revoked_at',
  'access',
  'expires_at',
] as const

function readStatements(db: Kysely<Tables>) {
  const keys = db.selectFrom('api_keys').select(KEY_COLUMNS)
  return {
    all: statement(() => keys.orderBy('id')),
    allOf: statement(() => keys.where('account_id', '=', '').orderBy('id')),
    byHash: statement(() => keys.where('hash', '=', NO_HASH)),
  }
}

function writeStatements(db: Kysely<Tables>) {
  const row = { id: '', account_id: '', name: '', mode: '', prefix: '', hash: NO_HASH, created_at: 0 }
  const later = { last_used_at: 0, revoked_at: 0, access: '', expires_at: 0 }
  const living = db.updateTable('api_keys')
  return {
    add: statement(() => db.insertInto('api_keys').values({ ...row, ...later })),
    change: statement(() =>
      living
        .set({ name: '', access: '', expires_at: 0 })
        .where('id', '=', '')
        .where('revoked_at', 'is', null)
        .returning('id'),
    ),
    revoke: statement(() =>
      living.set({ revoked_at: 0 }).where('id', '=', '').where('revoked_at', 'is', null).returning('id'),
    ),
    revokeAll: statement(() =>
      living.set({ revoked_at: 0 }).where('account_id', '=', '').where('revoked_at', 'is', null),
    ),
    // A key with limits gives nobody a role (services/people/roles.ts): what it has given and nobody has taken ends with it.
    endInvited: statement(() => db.deleteFrom('invitations').where('invited_by', '=', '')),
    touch: statement(() => living.set({ last_used_at: 0, last_used_from: '' }).where('id', '=', '')),
  }
}

export function keyDirectory(db: Kysely<Tables>, executor: Executor): KeyStore {
  const sql = { ...readStatements(db), ...writeStatements(db) }
  return {
    async keys(account) {
      return (await executor.read(account === null ? sql.all() : sql.allOf(account))).map(keyOfRow)
    },
    async keyByHash(hash) {
      const [row] = await executor.read(sql.byHash(hash))
      return row ? keyOfRow(row) : null
    },
    async addKey(key, hash) {
      const { id, accountId, name, mode, prefix, createdAt, lastUsedAt, revokedAt } = key
      const row = [id, accountId, name, mode, prefix, hash, createdAt, lastUsedAt, revokedAt]
      return done(await executor.write([sql.add(...row, textOf(key), key.expiresAt)]))
    },
    async changeKey(id, change) {
      const access = textOf(change)
      const isLess = access !== null || change.expiresAt !== null
      const queries = [sql.change(change.name, access, change.expiresAt, id)]
      return changed(await executor.write(isLess ? [...queries, sql.endInvited(id)] : queries))
    },
    async revokeKey(id, at) {
      return changed(await executor.write([sql.revoke(at, id), sql.endInvited(id)]))
    },
    async revokeKeysOf(account, at) {
      return settled(await executor.write([sql.revokeAll(at, account)]))
    },
    async touchKeys(uses) {
      // Lost on a fault: when a key was last used is a hint for people, nothing depends on it.
      if (uses.length > 0) await executor.write(uses.map((use) => sql.touch(use.at, use.from, use.id)))
    },
  }
}

/** Null for full access, as of every key before there were limits. */
function textOf({ scopes, domains, addresses, networks }: KeyAccess): string | null {
  const limits = { scopes, domains, addresses, networks }
  const isFull = Object.entries(limits).every(
    ([name, list]) => list.join() === FULL_ACCESS[name as keyof typeof limits].join(),
  )
  return isFull ? null : JSON.stringify(limits)
}
