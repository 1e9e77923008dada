import { describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SQL } from 'bun'
import { restoreDump } from '../../src/admin/backup-postgres.ts'
import { RESTORE_NAME } from '../../src/store/postgres/ending-restores.ts'
import { SNAPSHOT_NAME, snapshot } from '../../src/store/postgres/snapshot.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'

const { name, skip } = postgresSuite('putting a dump of PostgreSQL back')

const connected = (url: string, options: object = {}): SQL =>
  new SQL({ url, adapter: 'postgres', max: 1, ...options })

describe.skipIf(skip)(name, () => {
  test.each([true, false])(
    'ends what a restore that was killed has left running (replace: %p)',
    async (replace) => {
      const folder = mkdtempSync(join(tmpdir(), 'mailwok-restore-'))
      const [source, place] = [await freshDatabase(), await freshDatabase()]
      const [origin, target] = [connected(source), connected(place)]
      const left = connected(place, { connection: { application_name: RESTORE_NAME } })
      try {
        await origin.unsafe('CREATE TABLE kept (id text PRIMARY KEY)')
        await origin.unsafe("INSERT INTO kept VALUES ('one')")
        await snapshot(source, folder)
        // Half done and not committed: whoever makes the same table waits for it.
        const orphan = await left.reserve()
        await orphan.unsafe('BEGIN; CREATE TABLE kept (id text PRIMARY KEY)')

        expect(await restoreDump(place, join(folder, SNAPSHOT_NAME), replace)).toEqual({
          ok: true,
          value: undefined,
        })
        expect([...(await target.unsafe<{ id: string }[]>('SELECT id FROM kept'))]).toEqual([{ id: 'one' }])
        expect(await orphan.unsafe('COMMIT').catch(() => 'it was ended')).toBe('it was ended')
      } finally {
        for (const sql of [origin, target, left]) await sql.close({ timeout: 0 })
        rmSync(folder, { recursive: true, force: true })
      }
    },
  )
})
