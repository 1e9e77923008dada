// Owns: statements over the warm-up ledger.

import type { Selectable } from 'kysely'
import { ok } from '../../core/result.ts'
import { compilerFor, type Executor, statement } from '../executor.ts'
import type { WarmupTable } from '../learned-tables.ts'
import { orNull } from '../rows.ts'
import type { Store } from '../store.ts'
import type { StoredWarmup, WarmupStore } from '../warmup-store.ts'
import { settled } from './writes.ts'

const EMPTY = {
  source: '',
  provider: '',
  day: 0,
  budget: 0,
  sent: 0,
  deferred: 0,
  hard_bounced: 0,
  complained: 0,
  blocked: 0,
  warm_at: 0,
}

export function warmupsOn(engine: Store['engine'], executor: Executor): WarmupStore {
  const db = compilerFor(engine)
  const all = statement(() => db.selectFrom('warmups').selectAll())
  const keep = statement(() =>
    db
      .insertInto('warmups')
      .values(EMPTY)
      .onConflict((taken) =>
        taken.columns(['source', 'provider']).doUpdateSet((row) => ({
          day: row.ref('excluded.day'),
          budget: row.ref('excluded.budget'),
          sent: row.ref('excluded.sent'),
          deferred: row.ref('excluded.deferred'),
          hard_bounced: row.ref('excluded.hard_bounced'),
          complained: row.ref('excluded.complained'),
          blocked: row.ref('excluded.blocked'),
          warm_at: row.ref('excluded.warm_at'),
        })),
      ),
  )
  const forget = statement(() =>
    db.deleteFrom('warmups').where('day', '<', 0).where('budget', '<=', 0).where('warm_at', 'is', null),
  )
  return {
    async all() {
      return (await executor.read(all())).map(warmupOf)
    },
    async save(warmups) {
      if (warmups.length === 0) return ok(undefined)
      return settled(await executor.write(warmups.map((each) => keep(...valuesOf(each)))))
    },
    async forget(beforeDay, atMostBudget) {
      return settled(await executor.write([forget(beforeDay, atMostBudget)]))
    },
  }
}

const valuesOf = (warmup: StoredWarmup) => [
  warmup.source,
  warmup.provider,
  warmup.day,
  warmup.budget,
  warmup.sent,
  warmup.deferred,
  warmup.hardBounced,
  warmup.complained,
  warmup.blocked,
  warmup.warmAt,
]

const warmupOf = (row: Selectable<WarmupTable>): StoredWarmup => ({
  source: row.source,
  provider: row.provider,
  day: Number(row.day),
  budget: Number(row.budget),
  sent: Number(row.sent),
  deferred: Number(row.deferred),
  hardBounced: Number(row.hard_bounced),
  complained: Number(row.complained),
  blocked: Number(row.blocked),
  warmAt: orNull(row.warm_at),
})
