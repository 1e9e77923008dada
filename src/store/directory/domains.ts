// Owns: statements over sending domains and their DKIM keys.

import type { Kysely } from 'kysely'
import { type Executor, statement } from '../executor.ts'
import type { DirectoryStore } from '../store.ts'
import type { Tables } from '../tables.ts'
import { dkimKeyOfRow, domainOfRow } from './rows.ts'
import { done, settled } from './writes.ts'

function domainStatements(db: Kysely<Tables>) {
  const domains = db.selectFrom('domains').selectAll()
  return {
    all: statement(domains.orderBy('name')),
    allOf: statement(domains.where('account_id', '=', '').orderBy('name')),
    one: statement(domains.where('name', '=', '')),
    add: statement(
      db.insertInto('domains').values({
        name: '',
        account_id: '',
        created_at: 0,
        verified_at: 0,
        checked_at: 0,
        checks: '',
        track_opens: 0,
        track_clicks: 0,
      }),
    ),
    track: statement(
      db.updateTable('domains').set({ track_opens: 0, track_clicks: 0 }).where('name', '=', ''),
    ),
    check: statement(
      db.updateTable('domains').set({ checks: '', checked_at: 0, verified_at: 0 }).where('name', '=', ''),
    ),
    dkimKeys: statement(db.selectFrom('dkim_keys').selectAll().where('domain', '=', '').orderBy('selector')),
    addDkimKey: statement(
      db.insertInto('dkim_keys').values({
        domain: '',
        selector: '',
        algorithm: '',
        public_key: '',
        sealed_private_key: new Uint8Array(),
        created_at: 0,
      }),
    ),
  }
}

type DomainSide = Pick<
  DirectoryStore,
  'domains' | 'domain' | 'addDomain' | 'recordChecks' | 'switchTracking' | 'dkimKeys'
>

export function domainDirectory(db: Kysely<Tables>, executor: Executor): DomainSide {
  const sql = domainStatements(db)
  return {
    async domains(account) {
      return (await executor.read(account === null ? sql.all() : sql.allOf(account))).map(domainOfRow)
    },
    async domain(name) {
      const [row] = await executor.read(sql.one(name))
      return row ? domainOfRow(row) : null
    },
    async addDomain(domain, keys) {
      const { name, accountId, createdAt, verifiedAt, checkedAt, checks, tracking } = domain
      return done(
        await executor.write([
          sql.add(
            name,
            accountId,
            createdAt,
            verifiedAt,
            checkedAt,
            JSON.stringify(checks),
            Number(tracking.opens),
            Number(tracking.clicks),
          ),
          ...keys.map((key) =>
            sql.addDkimKey(
              key.domain,
              key.selector,
              key.algorithm,
              key.publicKey,
              key.sealedPrivateKey,
              key.createdAt,
            ),
          ),
        ]),
      )
    },
    async recordChecks(name, checks, at, verifiedAt) {
      return settled(await executor.write([sql.check(JSON.stringify(checks), at, verifiedAt, name)]))
    },
    async switchTracking(name, { opens, clicks }) {
      return settled(await executor.write([sql.track(Number(opens), Number(clicks), name)]))
    },
    async dkimKeys(name) {
      return (await executor.read(sql.dkimKeys(name))).map(dkimKeyOfRow)
    },
  }
}
