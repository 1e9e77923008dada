// Owns: UpkeepStore of SQLite: retention chunk by chunk, snapshots, sizes, and the probe.

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { agedOn } from '../aged.ts'
import { done } from '../directory/writes.ts'
import type { Executor } from '../executor.ts'
import type { RetentionBounds, UpkeepStore } from '../upkeep-store.ts'
import { faultOf, inChunks } from './queue.ts'
import { Side } from './side.ts'
import type { Plain, RetainOperation } from './wire.ts'
import type { Writer } from './writer.ts'

/** The file's name inside a snapshot's folder. */
export const SNAPSHOT_NAME = 'mailwok.db'

export interface UpkeepParts {
  readonly path: string
  readonly writer: Writer
  readonly executor: Executor
}

const PROBE = {
  sql: `INSERT INTO meta (key, value) VALUES ('probe', '1')
        ON CONFLICT (key) DO UPDATE SET value = CAST(meta.value AS INTEGER) + 1`,
  values: [],
}
const VERSION = { sql: 'SELECT max(version) AS version FROM schema_migrations', values: [] }

export function sqliteUpkeep({ path, writer, executor }: UpkeepParts): UpkeepStore {
  const remove = (what: RetainOperation['what'], before: number): Promise<number> =>
    inChunks<Plain>(writer, (after) => ({ op: 'retain', what, before, after }))
  const forgetAged = agedOn('sqlite', executor)
  return {
    async retain(bounds) {
      const attempts = await remove('attempts', bounds.attemptsBefore)
      const events = await remove('events', bounds.eventsBefore)
      await remove('idempotency', bounds.idempotencyBefore)
      const contents = await remove('contents', bounds.contentBefore)
      const messages = await remove('messages', earliest(bounds))
      await forgetAged(bounds)
      await remove('lines', 0)
      await remove('destinations', 0)
      await remove('pages', 0)
      return { contents, attempts, events, messages }
    },
    async snapshot(folder) {
      // A thread of its own: checkpoints must go on while gigabytes are copied.
      const side = new Side(path)
      try {
        await side.ask({ what: 'snapshot', copy: join(folder, SNAPSHOT_NAME) })
      } finally {
        await side.close()
      }
    },
    async size() {
      return { database: await sizeOf(path), wal: await sizeOf(`${path}-wal`) }
    },
    async probe() {
      const written = done(await executor.write([PROBE]))
      return written.ok ? written : { ok: false, error: faultOf(written.error) }
    },
    async schemaVersion() {
      const [row] = await executor.read<{ version: number }>(VERSION)
      return row?.version ?? 0
    },
  }
}

const earliest = (bounds: RetentionBounds): number =>
  Math.min(bounds.contentBefore, bounds.attemptsBefore, bounds.eventsBefore)

const sizeOf = async (path: string): Promise<number> => {
  try {
    return (await stat(path)).size
  } catch {
    return 0
  }
}
