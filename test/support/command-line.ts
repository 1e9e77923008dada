//
// Owns: running `mailwok` as a process: the executable that MAILWOK_BINARY names, else the checkout.

import { join } from 'node:path'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

const ROOT = join(import.meta.dir, '../..')

export function mailwokCommand(...args: readonly string[]): string[] {
  const binary = process.env['MAILWOK_BINARY']
  return binary ? [binary, ...args] : [process.execPath, join(ROOT, 'cli/main.ts'), ...args]
}

/** Without a terminal, in `cwd`, with nothing of this process' environment but PATH. */
export async function mailwok(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>>; readonly stdin?: string },
): Promise<Ran> {
  const ran = Bun.spawn(mailwokCommand(...args), {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'] ?? '', ...options.env },
    stdin: new Blob([options.stdin ?? '']),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err, code] = await Promise.all([ran.stdout.text(), ran.stderr.text(), ran.exited])
  return { code, out, err }
}
