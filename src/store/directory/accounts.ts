//
// Owns: statements over accounts and their keys.
// Never: secrets; a key comes as its hash.

import type { Kysely } from 'kysely'
import { type Executor, statement } from '../executor.ts'
import type { DirectoryStore } from '../store.ts'
import type { Tables } from '../tables.ts'
import { accountOfRow, keyOfRow } from './rows.ts'
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
  'revoked_at',
] as const

function accountStatements(db: Kysely<Tables>) {
  const accounts = db.selectFrom('accounts').selectAll()
  return {
    all: statement(accounts.orderBy('id')),
    one: statement(accounts.where('id', '=', '')),
    named: statement(accounts.where('name', '=', '')),
    add: statement(db.insertInto('accounts').values({ id: '', name: '', plan: '', created_at: 0 })),
    plan: statement(db.updateTable('accounts').set({ plan: '' }).where('id', '=', '')),
  }
}

type AccountSide = Pick<DirectoryStore, 'accounts' | 'account' | 'accountByName' | 'addAccount' | 'setPlan'>

export function accountDirectory(db: Kysely<Tables>, executor: Executor): AccountSide {
  const sql = accountStatements(db)
  return {
    async accounts() {
      return (await executor.read(sql.all())).map(accountOfRow)
    },
    async account(id) {
      const [row] = await executor.read(sql.one(id))
      return row ? accountOfRow(row) : null
    },
    async accountByName(name) {
      const [row] = await executor.read(sql.named(name))
      return row ? accountOfRow(row) : null
    },
    async addAccount(account) {
      return done(await executor.write([sql.add(account.id, account.name, account.plan, account.createdAt)]))
    },
    async setPlan(id, plan) {
      return settled(await executor.write([sql.plan(plan, id)]))
    },
  }
}

function keyStatements(db: Kysely<Tables>) {
  const keys = db.selectFrom('api_keys').select(KEY_COLUMNS)
  return {
    all: statement(keys.orderBy('id')),
    allOf: statement(keys.where('account_id', '=', '').orderBy('id')),
    byHash: statement(keys.where('hash', '=', NO_HASH)),
    add: statement(
      db.insertInto('api_keys').values({
        id: '',
        account_id: '',
        name: '',
        mode: '',
        prefix: '',
        hash: NO_HASH,
        created_at: 0,
        last_used_at: 0,
        revoked_at: 0,
      }),
    ),
    revoke: statement(
      db
        .updateTable('api_keys')
        .set({ revoked_at: 0 })
        .where('id', '=', '')
        .where('revoked_at', 'is', null)
        .returning('id'),
    ),
    touch: statement(db.updateTable('api_keys').set({ last_used_at: 0 }).where('id', '=', '')),
  }
}

type KeySide = Pick<DirectoryStore, 'keys' | 'keyByHash' | 'addKey' | 'revokeKey' | 'touchKeys'>

export function keyDirectory(db: Kysely<Tables>, executor: Executor): KeySide {
  const sql = keyStatements(db)
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
      return done(
        await executor.write([
          sql.add(id, accountId, name, mode, prefix, hash, createdAt, lastUsedAt, revokedAt),
        ]),
      )
    },
    async revokeKey(id, at) {
      return changed(await executor.write([sql.revoke(at, id)]))
    },
    async touchKeys(uses) {
      // Lost on a fault: when a key was last used is a hint for people, nothing depends on it.
      if (uses.length > 0) await executor.write(uses.map((use) => sql.touch(use.at, use.id)))
    },
  }
}
