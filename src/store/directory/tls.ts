// Owns: statements over MTA-STS policies and TLS tallies.

import { type Kysely, sql } from 'kysely'
import type { TlsResultType } from '../../core/outcome.ts'
import type { ReportedPolicy } from '../../core/route.ts'
import { compilerFor, type Executor, statement } from '../executor.ts'
import type { Store } from '../store.ts'
import type { Tables } from '../tables.ts'
import type { StoredStsPolicy, TlsStore, TlsTally } from '../tls-store.ts'
import { settled } from './writes.ts'

export function tlsOn(engine: Store['engine'], executor: Executor): TlsStore {
  const db = compilerFor(engine)
  return { ...stsSide(db, executor), ...tallySide(db, executor) }
}

type StsSide = Pick<TlsStore, 'stsPolicy' | 'keepStsPolicy' | 'ageingStsPolicies' | 'dropStsPolicies'>

function stsStatements(db: Kysely<Tables>) {
  const policies = db.selectFrom('sts_policies').selectAll()
  return {
    one: statement(() => policies.where('domain', '=', '')),
    keep: statement(() =>
      db
        .insertInto('sts_policies')
        .values({ domain: '', policy_id: '', mode: '', body: '', fetched_at: 0, expires_at: 0 })
        .onConflict((taken) =>
          taken.column('domain').doUpdateSet((row) => ({
            policy_id: row.ref('excluded.policy_id'),
            mode: row.ref('excluded.mode'),
            body: row.ref('excluded.body'),
            fetched_at: row.ref('excluded.fetched_at'),
            expires_at: row.ref('excluded.expires_at'),
          })),
        ),
    ),
    ageing: statement(() =>
      policies
        .where('expires_at', '>', 0)
        .where((row) => row(row('fetched_at', '+', row.ref('expires_at')), '<=', 0))
        .orderBy('expires_at')
        .limit(0),
    ),
    drop: statement(() => db.deleteFrom('sts_policies').where('expires_at', '<', 0)),
  }
}

function stsSide(db: Kysely<Tables>, executor: Executor): StsSide {
  const texts = stsStatements(db)
  return {
    async stsPolicy(domain) {
      const [row] = await executor.read(texts.one(domain))
      return row ? policyOf(row) : null
    },
    async keepStsPolicy({ domain, policyId, mode, body, fetchedAt, expiresAt }) {
      return settled(await executor.write([texts.keep(domain, policyId, mode, body, fetchedAt, expiresAt)]))
    },
    async ageingStsPolicies(now, limit) {
      return (await executor.read(texts.ageing(now, 2 * now, limit))).map(policyOf)
    },
    async dropStsPolicies(expiredBefore) {
      return settled(await executor.write([texts.drop(expiredBefore)]))
    },
  }
}

type Read<Table extends keyof Tables> = {
  readonly [Column in keyof Tables[Table]]: Tables[Table][Column] extends string ? string : unknown
}

const policyOf = (row: Read<'sts_policies'>): StoredStsPolicy => ({
  domain: row.domain,
  policyId: row.policy_id,
  mode: row.mode === 'enforce' || row.mode === 'testing' ? row.mode : 'none',
  body: row.body,
  fetchedAt: Number(row.fetched_at),
  expiresAt: Number(row.expires_at),
})

type TallySide = Pick<TlsStore, 'addTallies' | 'talliedDomains' | 'tallies' | 'dropTalliesOf' | 'dropTallies'>

function tallyStatements(db: Kysely<Tables>) {
  const key = ['day', 'domain', 'policy', 'result_type', 'mx', 'address', 'source'] as const
  return {
    add: statement(() =>
      db
        .insertInto('tls_tallies')
        .values({
          day: 0,
          domain: '',
          policy: '',
          result_type: '',
          mx: '',
          address: '',
          source: '',
          detail: '',
          count: 0,
        })
        .onConflict((taken) =>
          taken.columns(key).doUpdateSet({ count: sql`tls_tallies.count + excluded.count` }),
        ),
    ),
    domains: statement(() =>
      db.selectFrom('tls_tallies').select('domain').distinct().where('day', '=', 0).orderBy('domain'),
    ),
    of: statement(() =>
      db
        .selectFrom('tls_tallies')
        .selectAll()
        .where('day', '=', 0)
        .where('domain', '=', '')
        .orderBy('policy')
        .orderBy('result_type')
        .orderBy('mx')
        .orderBy('address')
        .orderBy('source'),
    ),
    dropOf: statement(() => db.deleteFrom('tls_tallies').where('day', '=', 0).where('domain', '=', '')),
    drop: statement(() => db.deleteFrom('tls_tallies').where('day', '<', 0)),
  }
}

function tallySide(db: Kysely<Tables>, executor: Executor): TallySide {
  const texts = tallyStatements(db)
  return {
    async addTallies(tallies) {
      const queries = tallies.map((one) =>
        texts.add(
          one.day,
          one.domain,
          JSON.stringify(one.policy),
          one.resultType ?? '',
          one.mx,
          one.address,
          one.source,
          one.detail,
          one.count,
        ),
      )
      return settled(await executor.write(queries))
    },
    async talliedDomains(day) {
      return (await executor.read(texts.domains(day))).map((row) => row.domain)
    },
    async tallies(day, domain) {
      return (await executor.read(texts.of(day, domain))).map(tallyOf)
    },
    async dropTalliesOf(day, domain) {
      return settled(await executor.write([texts.dropOf(day, domain)]))
    },
    async dropTallies(beforeDay) {
      return settled(await executor.write([texts.drop(beforeDay)]))
    },
  }
}

// Only this file writes these columns: what is read was a value of these types.
const tallyOf = (row: Read<'tls_tallies'>): TlsTally => ({
  day: Number(row.day),
  domain: row.domain,
  policy: JSON.parse(row.policy) as ReportedPolicy,
  resultType: row.result_type === '' ? null : (row.result_type as TlsResultType),
  mx: row.mx,
  address: row.address,
  source: row.source,
  detail: row.detail,
  count: Number(row.count),
})
