//
// Owns: a consistent copy of the database as one file that `pg_restore` reads, made by the system's pg_dump while the
// store is in use.
// Never: a format of our own: whoever restores in an emergency shall need nothing of ours.

import { join } from 'node:path'
import { digestOf } from '../digest.ts'
import type { SnapshotFile } from '../upkeep-store.ts'
import { pgProgram } from './programs.ts'

/** The file's name inside a snapshot's folder. */
export const SNAPSHOT_NAME = 'mailwok.pgdump'

export class SnapshotImpossible extends Error {
  override readonly name = 'SnapshotImpossible'
}

export async function snapshot(url: string, folder: string, signal?: AbortSignal): Promise<SnapshotFile> {
  const program = pgProgram('pg_dump')
  if (program === null) {
    throw new SnapshotImpossible(
      'pg_dump was not found: install the PostgreSQL client package on this machine',
    )
  }
  const { address, password } = withoutPassword(url)
  const options = ['--format=custom', '--no-owner', '--no-privileges', '--lock-wait-timeout=60000']
  const child = Bun.spawn(
    [program, ...options, `--file=${join(folder, SNAPSHOT_NAME)}`, `--dbname=${address}`],
    {
      // By the environment: arguments are for everybody to read.
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...(password === null ? {} : { PGPASSWORD: password }) },
      ...(signal ? { signal } : {}),
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'pipe',
    },
  )
  const said = await new Response(child.stderr).text()
  if ((await child.exited) !== 0) throw new SnapshotImpossible(`pg_dump failed: ${said.trim()}`)
  return { name: SNAPSHOT_NAME, ...(await digestOf(join(folder, SNAPSHOT_NAME))) }
}

function withoutPassword(url: string): { readonly address: string; readonly password: string | null } {
  const parsed = new URL(url)
  const password = parsed.password === '' ? null : decodeURIComponent(parsed.password)
  parsed.password = ''
  return { address: parsed.href, password }
}
