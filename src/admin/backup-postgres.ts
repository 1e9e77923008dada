//
// Owns: putting a dump of PostgreSQL back, by the system's own pg_restore.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fault, ok, type Result } from '../core/result.ts'
import type { AdminFault } from './admin.ts'

/** All or nothing: a database half restored would start and lack mail. `replace` drops what is there first. */
export async function restoreDump(
  url: string,
  dump: string,
  replace: boolean,
): Promise<Result<void, AdminFault>> {
  const program = pgRestore()
  if (program === null) {
    return fault({
      code: 'no_pg_restore',
      message: 'pg_restore was not found: install the PostgreSQL client package on this machine',
    })
  }
  const address = new URL(url)
  const password = decodeURIComponent(address.password)
  address.password = ''
  const options = ['--no-owner', '--no-privileges', '--single-transaction', '--exit-on-error']
  const clean = replace ? ['--clean', '--if-exists'] : []
  const child = Bun.spawn([program, ...options, ...clean, `--dbname=${address.href}`, dump], {
    // By the environment: arguments are for everybody to read.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...(password === '' ? {} : { PGPASSWORD: password }) },
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

/** The newest: an older pg_restore refuses a newer dump. */
function pgRestore(): string | null {
  const root = '/usr/lib/postgresql'
  const majors = existsSync(root) ? readdirSync(root).map(Number).filter(Number.isInteger) : []
  for (const major of majors.sort((a, b) => b - a)) {
    const program = join(root, String(major), 'bin', 'pg_restore')
    if (existsSync(program)) return program
  }
  return Bun.which('pg_restore')
}
