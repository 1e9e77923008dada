// Owns: statements over certificates, accounts at authorities and challenges.

import type { Kysely, Selectable } from 'kysely'
import type { CertificateStore, StoredCertificate } from '../certificate-store.ts'
import type { CertificateTable } from '../certificate-tables.ts'
import { compilerFor, type Executor, statement } from '../executor.ts'
import type { Store } from '../store.ts'
import type { Tables } from '../tables.ts'
import { changed, settled } from './writes.ts'

export function certificatesOn(engine: Store['engine'], executor: Executor): CertificateStore {
  const db = compilerFor(engine)
  return { ...certificateSide(db, executor), ...accountSide(db, executor), ...challengeSide(db, executor) }
}

const NO_BYTES = new Uint8Array()
const EMPTY = {
  host: '',
  directory: '',
  chain: '',
  sealed_key: null,
  course: '{}',
  wanted_at: 0,
  order_url: '',
  sealed_order_key: null,
  lease_by: '',
  lease_until: 0,
}

type CertificateSide = Pick<CertificateStore, 'all' | 'expect' | 'want' | 'lease' | 'save' | 'drop'>

function certificateStatements(db: Kysely<Tables>) {
  const change = db.updateTable('certificates')
  return {
    all: statement(() => db.selectFrom('certificates').selectAll().orderBy('host')),
    expect: statement(() =>
      db
        .insertInto('certificates')
        .values(EMPTY)
        .onConflict((taken) => taken.column('host').doNothing()),
    ),
    want: statement(() => change.set({ wanted_at: 0 }).where('host', '=', '').returning('host')),
    lease: statement(() =>
      change
        .set({ lease_by: '', lease_until: 0 })
        .where('host', '=', '')
        .where((row) => row.or([row('lease_until', '<=', 0), row('lease_by', '=', '')]))
        .returning('host'),
    ),
    save: statement(() =>
      change
        .set({
          directory: '',
          chain: '',
          sealed_key: NO_BYTES,
          course: '',
          wanted_at: 0,
          order_url: '',
          sealed_order_key: NO_BYTES,
          lease_until: 0,
        })
        .where('host', '=', '')
        .where('lease_by', '=', '')
        .returning('host'),
    ),
    drop: statement(() => db.deleteFrom('certificates').where('host', '=', '')),
  }
}

function certificateSide(db: Kysely<Tables>, executor: Executor): CertificateSide {
  const texts = certificateStatements(db)
  return {
    async all() {
      return (await executor.read(texts.all())).map(certificateOf)
    },
    async expect(host) {
      const fresh = texts.expect(host, '', '', null, '{}', 0, '', null, '', 0)
      return settled(await executor.write([fresh]))
    },
    async want(host, now) {
      return changed(await executor.write([texts.want(now, host)]))
    },
    async lease({ host, by, now, until }) {
      return changed(await executor.write([texts.lease(by, until, host, now, by)]))
    },
    async save(certificate, by) {
      const { directory, chain, sealedKey, course, wantedAt, orderUrl, sealedOrderKey, leaseUntil } =
        certificate
      const values = [directory, chain, sealedKey, course, wantedAt, orderUrl, sealedOrderKey, leaseUntil]
      return changed(await executor.write([texts.save(...values, certificate.host, by)]))
    },
    async drop(host) {
      return settled(await executor.write([texts.drop(host)]))
    },
  }
}

const certificateOf = (row: Selectable<CertificateTable>): StoredCertificate => ({
  host: row.host,
  directory: row.directory,
  chain: row.chain,
  sealedKey: row.sealed_key,
  course: row.course,
  wantedAt: Number(row.wanted_at),
  orderUrl: row.order_url,
  sealedOrderKey: row.sealed_order_key,
})

function accountSide(
  db: Kysely<Tables>,
  executor: Executor,
): Pick<CertificateStore, 'account' | 'addAccount' | 'nameAccount'> {
  const one = statement(() => db.selectFrom('acme_accounts').selectAll().where('directory', '=', ''))
  const add = statement(() =>
    db
      .insertInto('acme_accounts')
      .values({ directory: '', sealed_key: NO_BYTES, url: '' })
      .onConflict((taken) => taken.column('directory').doNothing()),
  )
  const name = statement(() => db.updateTable('acme_accounts').set({ url: '' }).where('directory', '=', ''))
  return {
    async account(directory) {
      const [row] = await executor.read(one(directory))
      return row ? { directory: row.directory, sealedKey: row.sealed_key, url: row.url } : null
    },
    async addAccount({ directory, sealedKey, url }) {
      return settled(await executor.write([add(directory, sealedKey, url)]))
    },
    async nameAccount(directory, url) {
      return settled(await executor.write([name(url, directory)]))
    },
  }
}

function challengeSide(
  db: Kysely<Tables>,
  executor: Executor,
): Pick<CertificateStore, 'putChallenge' | 'challenge' | 'forgetChallenges'> {
  const put = statement(() =>
    db
      .insertInto('acme_challenges')
      .values({ token: '', answer: '', expires_at: 0 })
      .onConflict((taken) =>
        taken.column('token').doUpdateSet((row) => ({
          answer: row.ref('excluded.answer'),
          expires_at: row.ref('excluded.expires_at'),
        })),
      ),
  )
  const one = statement(() =>
    db.selectFrom('acme_challenges').select('answer').where('token', '=', '').where('expires_at', '>', 0),
  )
  const forget = statement(() => db.deleteFrom('acme_challenges').where('expires_at', '<=', 0))
  return {
    async putChallenge({ token, answer, expiresAt }) {
      return settled(await executor.write([put(token, answer, expiresAt)]))
    },
    async challenge(token, now) {
      const [row] = await executor.read(one(token, now))
      return row?.answer ?? null
    },
    async forgetChallenges(before) {
      return settled(await executor.write([forget(before)]))
    },
  }
}
