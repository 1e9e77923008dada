// Owns: statements over reports that others sent.

import { type Kysely, type Selectable, sql } from 'kysely'
import { ok } from '../../core/result.ts'
import { type Executor, statement } from '../executor.ts'
import type { InboundStore, ReportId, ReportKind, ReportRow, StoredReport } from '../inbound-store.ts'
import type { ReportTable } from '../learned-tables.ts'
import type { Store } from '../store.ts'
import type { Tables } from '../tables.ts'
import { refused } from './writes.ts'

const HEAD = [
  'id',
  'kind',
  'domain',
  'organization',
  'report_id',
  'begin_at',
  'end_at',
  'received_at',
] as const

/** The figures that lists show stand beside the report, so that no list reads whole ones. */
interface Body {
  readonly passed: number
  readonly failed: number
  readonly report: unknown
}

function statements(db: Kysely<Tables>, engine: Store['engine']) {
  const body = engine === 'sqlite' ? sql`body` : sql`body::json`
  const rows = db
    .selectFrom('reports')
    .select(HEAD)
    .select(sql<string>`${body}->>'passed'`.as('passed'))
    .select(sql<string>`${body}->>'failed'`.as('failed'))
  const list = rows.orderBy('received_at', 'desc').orderBy('id', 'desc').limit(1)
  return {
    add: statement(() =>
      db
        .insertInto('reports')
        .values({
          id: '',
          kind: '',
          domain: '',
          organization: '',
          report_id: '',
          begin_at: 0,
          end_at: 0,
          received_at: 0,
          body: '',
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning('id'),
    ),
    all: statement(() => list),
    ofKind: statement(() => list.where('kind', '=', '')),
    ofDomain: statement(() => list.where('domain', '=', '')),
    ofBoth: statement(() => list.where('kind', '=', '').where('domain', '=', '')),
    one: statement(() => db.selectFrom('reports').selectAll().where('id', '=', '')),
    forget: statement(() => db.deleteFrom('reports').where('received_at', '<', 0)),
  }
}

type ReportSide = Pick<InboundStore, 'addReport' | 'reports' | 'report'> & {
  readonly forgetReports: (before: number) => ReturnType<ReturnType<typeof statements>['forget']>
}

export function reportsOn(db: Kysely<Tables>, engine: Store['engine'], executor: Executor): ReportSide {
  const sqlOf = statements(db, engine)
  return {
    async addReport(report) {
      const { id, json, kind, passed, failed } = report
      const { domain, organization, reportId, beginAt, endAt, receivedAt } = report
      const body = `{"passed":${passed},"failed":${failed},"report":${json}}`
      const head = [id, kind, domain, organization, reportId, beginAt, endAt, receivedAt]
      const written = await executor.write([sqlOf.add(...head, body)])
      if (!written.ok) return refused(written.error)
      return ok((written.value[0] ?? []).length > 0 ? 'added' : 'known')
    },
    async reports({ kind, domain, limit }) {
      const query =
        kind !== null && domain !== null
          ? sqlOf.ofBoth(kind, domain, limit)
          : kind !== null
            ? sqlOf.ofKind(kind, limit)
            : domain !== null
              ? sqlOf.ofDomain(domain, limit)
              : sqlOf.all(limit)
      const rows = await executor.read(query)
      return rows.map((row) => ({ ...headOf(row), passed: Number(row.passed), failed: Number(row.failed) }))
    },
    async report(id) {
      const [row] = await executor.read(sqlOf.one(id))
      return row ? reportOf(row) : null
    },
    forgetReports: (before) => sqlOf.forget(before),
  }
}

type Head = Omit<ReportRow, 'passed' | 'failed'>

const headOf = (row: Pick<Selectable<ReportTable>, (typeof HEAD)[number]>): Head => ({
  id: row.id as ReportId,
  kind: row.kind as ReportKind,
  domain: row.domain,
  organization: row.organization,
  reportId: row.report_id,
  beginAt: Number(row.begin_at),
  endAt: Number(row.end_at),
  receivedAt: Number(row.received_at),
})

function reportOf(row: Selectable<ReportTable>): StoredReport {
  const { passed, failed, report } = JSON.parse(row.body) as Body
  return { ...headOf(row), passed, failed, body: report }
}
