//
// Owns: putting a dump of PostgreSQL back, by the system's own pg_restore.

import { fault, ok, type Result } from '../core/result.ts'
import { endRestores, RESTORE_NAME } from '../store/postgres/ending-restores.ts'
import { pgProgram } from '../store/postgres/programs.ts'
import type { AdminFault } from './admin.ts'

/** One that was just begun when its own restore was killed may come in between: once is enough to end it. */
const TRIES = 3

/** All or nothing: a database half restored would start and lack mail. `replace` drops what is there first. */
export async function restoreDump(
  url: string,
  dump: string,
  replace: boolean,
): Promise<Result<void, AdminFault>> {
  const program = pgProgram('pg_restore')
  if (program === null) {
    return fault({
      code: 'no_pg_restore',
      message: 'pg_restore was not found: install the PostgreSQL client package on this machine',
    })
  }
  for (let tries = 1; ; tries += 1) {
    await endRestores(url)
    const restored = await run(program, { url, dump, replace })
    if (restored.ok || restored.error.code !== 'exists' || !replace || tries === TRIES) return restored
  }
}

interface Run {
  readonly url: string
  readonly dump: string
  readonly replace: boolean
}

async function run(program: string, { url, dump, replace }: Run): Promise<Result<void, AdminFault>> {
  const address = new URL(url)
  const password = decodeURIComponent(address.password)
  address.password = ''
  const options = ['--no-owner', '--no-privileges', '--single-transaction', '--exit-on-error']
  const clean = replace ? ['--clean', '--if-exists'] : []
  const child = Bun.spawn([program, ...options, ...clean, `--dbname=${address.href}`, dump], {
    // By the environment: arguments are for everybody to read.
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      PGAPPNAME: RESTORE_NAME,
      ...(password === '' ? {} : { PGPASSWORD: password }),
    },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  })
  const said = (await child.stderr.text()).trim()
  if ((await child.exited) === 0) return ok(undefined)
  const isThere = /already exists/.test(said)
  return fault({
    code: isThere ? 'exists' : 'restore_failed',
    message: isThere
      ? 'the database holds a store already; --replace drops it first'
      : `pg_restore failed, nothing was changed: ${said}`,
  })
}
