//
// Owns: where the system keeps the programs that come with PostgreSQL.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = '/usr/lib/postgresql'

/** The newest: an older pg_dump refuses a newer server, an older pg_restore a newer dump. */
export function pgProgram(name: 'pg_dump' | 'pg_restore'): string | null {
  const majors = existsSync(ROOT) ? readdirSync(ROOT).map(Number).filter(Number.isInteger) : []
  for (const major of majors.sort((a, b) => b - a)) {
    const program = join(ROOT, String(major), 'bin', name)
    if (existsSync(program)) return program
  }
  return Bun.which(name)
}
