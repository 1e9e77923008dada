//
// Owns: that a data folder is served by one process per node name. A second one, started by hand beside the service,
// would take the first one's leases for those of an earlier boot of its own and send its mail once more.
// Never: guards nodes of other folders that share a PostgreSQL store; their names must differ.

import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fault, ok, type Result } from './core/result.ts'
import { type Milliseconds, SECOND } from './core/time.ts'
import { unfinishedRestore } from './services/backup/mark.ts'

/** A process that is stopped or overloaded holds its socket without answering. */
const ANSWER_WITHIN: Milliseconds = 2 * SECOND
/** sockaddr_un of Linux has 108 octets; a folder so deep goes without the guard. */
const MAX_PATH_OCTETS = 107

export interface NodePlace {
  readonly dataDir: string
  readonly node: string
}

/** The kernel closes the socket with its process, however that ends: what is left of the dead is only a name. */
export async function claimNode({ dataDir, node }: NodePlace): Promise<Result<() => Promise<void>, string>> {
  const unfinished = unfinishedRestore(dataDir)
  if (unfinished !== null) return fault(unfinished)
  const path = join(dataDir, `node-${node}.sock`)
  if (Buffer.byteLength(path) > MAX_PATH_OCTETS) return ok(async () => undefined)
  if (existsSync(path)) {
    if (await isHeld(path))
      return fault(
        `another process runs node ${node} in ${dataDir} already; stop it first, which takes up to server.stop_within`,
      )
    rmSync(path, { force: true })
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o750 })
  const guard = Bun.serve({ unix: path, fetch: () => new Response(node) })
  return ok(async () => {
    await guard.stop(true)
    rmSync(path, { force: true })
  })
}

async function isHeld(path: string): Promise<boolean> {
  try {
    await fetch('http://localhost/', { unix: path, signal: AbortSignal.timeout(ANSWER_WITHIN) })
    return true
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError'
  }
}
