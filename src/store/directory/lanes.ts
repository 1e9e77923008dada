// Owns: statements over what lanes remember.

import { ok } from '../../core/result.ts'
import { compilerFor, type Executor, statement } from '../executor.ts'
import type { LaneStateStore } from '../lane-store.ts'
import type { Store } from '../store.ts'
import { settled } from './writes.ts'

export function lanesOn(engine: Store['engine'], executor: Executor): LaneStateStore {
  const db = compilerFor(engine)
  const all = statement(() => db.selectFrom('lane_states').selectAll())
  const keep = statement(() =>
    db
      .insertInto('lane_states')
      .values({ provider: '', source: '', state: '', updated_at: 0 })
      .onConflict((taken) =>
        taken.columns(['provider', 'source']).doUpdateSet((row) => ({
          state: row.ref('excluded.state'),
          updated_at: row.ref('excluded.updated_at'),
        })),
      ),
  )
  const forget = statement(() => db.deleteFrom('lane_states').where('updated_at', '<', 0))
  return {
    async all() {
      const rows = await executor.read(all())
      return rows.map(({ provider, source, state, updated_at }) => ({
        provider,
        source,
        state,
        updatedAt: Number(updated_at),
      }))
    },
    async save(lanes) {
      if (lanes.length === 0) return ok(undefined)
      const rows = lanes.map((lane) => keep(lane.provider, lane.source, lane.state, lane.updatedAt))
      return settled(await executor.write(rows))
    },
    async forget(before) {
      return settled(await executor.write([forget(before)]))
    },
  }
}
