//
// Owns: UpkeepStore on PostgreSQL.

import { fault, ok } from '../../core/result.ts'
import { agedOn } from '../aged.ts'
import type { Whole } from '../columns.ts'
import type { Query } from '../executor.ts'
import { kindsOf, timeOfId } from '../kinds.ts'
import type { UpkeepStore } from '../upkeep-store.ts'
import type { Pool } from './pool.ts'
import { retain } from './retain.ts'
import { snapshot } from './snapshot.ts'

const PROBE: Query = {
  sql: `INSERT INTO meta (key, value) VALUES ('probe', '1')
        ON CONFLICT (key) DO UPDATE SET value = (meta.value::bigint + 1)::text`,
  values: [],
}
const VERSION: Query<{ version: Whole | null }> = {
  sql: 'SELECT max(version) AS version FROM schema_migrations',
  values: [],
}
/**
 * Not the files: they keep their size when rows go, and would be found too large again and again. Rows of the log by what
 * some of them take.
 */
const USED: Query<{ octets: Whole }> = {
  sql: `SELECT ((SELECT coalesce(sum(size), 0) FROM contents)
    + coalesce((SELECT avg(pg_column_size(e)) FROM (SELECT * FROM events LIMIT 200) e), 0)
      * (SELECT n_live_tup FROM pg_stat_user_tables WHERE relid = 'events'::regclass)
    + coalesce((SELECT avg(pg_column_size(a)) FROM (SELECT * FROM attempts LIMIT 200) a), 0)
      * (SELECT n_live_tup FROM pg_stat_user_tables WHERE relid = 'attempts'::regclass))::bigint AS octets`,
  values: [],
}
const OLDEST: Query<{ id: string }> = { sql: 'SELECT id FROM contents ORDER BY id LIMIT 1', values: [] }
const TABLES: Query<{ name: string; octets: Whole }> = {
  sql: 'SELECT relname AS name, pg_total_relation_size(relid) AS octets FROM pg_stat_user_tables',
  values: [],
}
const DATABASE: Query<{ bytes: Whole }> = {
  sql: 'SELECT pg_database_size(current_database()) AS bytes',
  values: [],
}
/** The log belongs to the whole cluster; only some roles may look at it. */
const WAL: Query<{ bytes: Whole | null }> = {
  sql: 'SELECT sum(size) AS bytes FROM pg_ls_waldir()',
  values: [],
}
const MAY_SEE_WAL: Query<{ may: boolean }> = {
  sql: `SELECT has_function_privilege('pg_ls_waldir()', 'EXECUTE') AS may`,
  values: [],
}

export function upkeepOn(url: string, pool: Pool): UpkeepStore {
  const forgetAged = agedOn('postgres', pool)
  return {
    async retain(bounds) {
      await forgetAged(bounds)
      return retain(pool, bounds)
    },
    snapshot: (folder, signal) => snapshot(url, folder, signal),
    async used() {
      const [row] = await pool.read(USED)
      return Number(row?.octets ?? 0)
    },
    async oldestContent() {
      const [row] = await pool.read(OLDEST)
      return row === undefined ? null : timeOfId(row.id)
    },
    async kinds() {
      const tables = await pool.read(TABLES)
      return kindsOf(tables.map(({ name, octets }) => ({ name, octets: Number(octets) })))
    },
    async size() {
      const [database] = await pool.read(DATABASE)
      const [right] = await pool.read(MAY_SEE_WAL)
      const [wal] = right?.may ? await pool.read(WAL) : []
      return { database: Number(database?.bytes ?? 0), wal: Number(wal?.bytes ?? 0) }
    },
    async probe() {
      const written = await pool.write([PROBE])
      if (written.ok) return ok(undefined)
      return fault(written.error === 'exists' ? 'unavailable' : written.error)
    },
    async schemaVersion() {
      const [row] = await pool.read(VERSION)
      return Number(row?.version ?? 0)
    },
  }
}
