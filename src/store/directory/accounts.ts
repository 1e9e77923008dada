//
// Owns: statements over accounts.

import type { Kysely } from 'kysely'
import { newAccount } from '../../core/account.ts'
import type { AccountStore } from '../account-store.ts'
import { type Executor, statement } from '../executor.ts'
import type { Tables } from '../tables.ts'
import { accountOfRow } from './rows.ts'
import { changed, done, settled } from './writes.ts'

function accountStatements(db: Kysely<Tables>) {
  const accounts = db.selectFrom('accounts').selectAll()
  const change = db.updateTable('accounts')
  const row = { id: '', name: '', plan: '', created_at: 0, state: '', reason: '', since: 0, settings: '' }
  return {
    all: statement(() => accounts.orderBy('id')),
    idle: statement(() => accounts.where('state', '<>', '').orderBy('id')),
    one: statement(() => accounts.where('id', '=', '')),
    named: statement(() => accounts.where('name', '=', '')),
    add: statement(() => db.insertInto('accounts').values(row)),
    plan: statement(() => change.set({ plan: '' }).where('id', '=', '')),
    name: statement(() => change.set({ name: '' }).where('id', '=', '')),
    settings: statement(() => change.set({ settings: '' }).where('id', '=', '')),
    state: statement(() =>
      change
        .set({ state: '', reason: '', since: 0 })
        .where('id', '=', '')
        .where('state', '<>', '')
        .returning('id'),
    ),
  }
}

export function accountDirectory(db: Kysely<Tables>, executor: Executor): AccountStore {
  const sql = accountStatements(db)
  return {
    async accounts() {
      return (await executor.read(sql.all())).map(accountOfRow)
    },
    async idleAccounts() {
      return (await executor.read(sql.idle('active'))).map(accountOfRow)
    },
    async account(id) {
      const [row] = await executor.read(sql.one(id))
      return row ? accountOfRow(row) : null
    },
    async accountByName(name) {
      const [row] = await executor.read(sql.named(name))
      return row ? accountOfRow(row) : null
    },
    async addAccount(of) {
      const { id, name, plan, createdAt, state, reason, since, settings } = newAccount(of)
      const row = [id, name, plan, createdAt, state, reason, since, JSON.stringify(settings)]
      return done(await executor.write([sql.add(...row)]))
    },
    async setPlan(id, plan) {
      return settled(await executor.write([sql.plan(plan, id)]))
    },
    async renameAccount(id, name) {
      return done(await executor.write([sql.name(name, id)]))
    },
    async saveSettings(id, settings) {
      return settled(await executor.write([sql.settings(JSON.stringify(settings), id)]))
    },
    async setAccountState(id, { state, reason, since }) {
      return changed(await executor.write([sql.state(state, reason, since, id, 'deleting')]))
    },
  }
}
