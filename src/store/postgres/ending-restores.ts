//
// Owns: ending what a restore that was killed has left running: its pg_restore goes on by itself, and would fill, or empty,
// a database that somebody else is at by now.

import { SQL } from 'bun'
import { type Milliseconds, SECOND } from '../../core/time.ts'

/** As pg_restore names itself to the server (PGAPPNAME). */
export const RESTORE_NAME = 'mailwok restore'

/** For the server to roll back what was ended: gigabytes take no longer than a line, it keeps no trace of them. */
const PATIENCE: Milliseconds = 30 * SECOND
const LOOK_EVERY: Milliseconds = 50

const END = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
   WHERE application_name = '${RESTORE_NAME}' AND datname = current_database() AND pid <> pg_backend_pid()`

/** How many looks it took beyond the first; throws when one of them does not end. */
export async function endRestores(url: string): Promise<number> {
  const sql = new SQL({ url, adapter: 'postgres', max: 1 })
  try {
    for (let looks = 0; looks * LOOK_EVERY < PATIENCE; looks += 1) {
      if ((await sql.unsafe(END)).length === 0) return looks
      await Bun.sleep(LOOK_EVERY)
    }
  } finally {
    await sql.close({ timeout: 0 })
  }
  throw new Error(`a restore that was begun before is still at work in this database: end it, then try again`)
}
