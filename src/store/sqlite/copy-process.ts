//
// Owns: having a store copied by a process of its own: this executable with `db copy`, or, of a checkout, this file.

import { join } from 'node:path'
import { type Copied, copyInUse } from './copying.ts'

/** Rejects with what the process said. Dies with the signal, and so leaves half a file behind. */
export async function copyStore(from: string, to: string, signal?: AbortSignal): Promise<Copied> {
  const isCompiled = import.meta.url.includes('/$bunfs/')
  const self = isCompiled ? ['db', 'copy'] : [join(import.meta.dir, 'copy-process.ts')]
  const child = Bun.spawn([process.execPath, ...self, from, to], {
    env: {},
    ...(signal ? { signal } : {}),
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [said, complained, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  if (code !== 0) throw new Error(complained.trim() || `the process that copies the store ended with ${code}`)
  return JSON.parse(said) as Copied
}

/** The exit code. */
export function copyAndTell(from: string, to: string): number {
  try {
    process.stdout.write(`${JSON.stringify(copyInUse(from, to))}\n`)
    return 0
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

if (import.meta.main) process.exit(copyAndTell(Bun.argv[2] ?? '', Bun.argv[3] ?? ''))
