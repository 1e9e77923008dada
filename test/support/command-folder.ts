//
// Owns: a folder with a configuration for commands that need no node, and running them there.

import { afterAll } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mailwok, type Ran } from './command-line.ts'

export interface CommandFolder {
  readonly folder: string
  run(...args: readonly string[]): Promise<Ran>
  /** What it printed; throws unless it ended with 0. */
  json(...args: readonly string[]): Promise<ReturnType<typeof JSON.parse>>
}

/** `words` stand before every command, `dns` are further lines of that section. The folder goes with the test file. */
export function commandFolder(
  name: string,
  { words = [], dns = '' }: { readonly words?: readonly string[]; readonly dns?: string } = {},
): CommandFolder {
  const folder = mkdtempSync(join(tmpdir(), `mailwok-cli-${name}`))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(
    join(folder, 'mailwok.toml'),
    `[server]
hostname = "mail.example.net"
data_dir = "${folder}/data"
[api]
admin_socket = "${folder}/admin.sock"
[dns]
servers = ["127.0.0.1:9"]
${dns}
[log]
level = "error"
`,
  )
  const run = (...args: readonly string[]) => mailwok([...words, ...args], { cwd: folder })
  return {
    folder,
    run,
    json: async (...args) => {
      const { code, out, err } = await run(...args)
      if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${err}`)
      return JSON.parse(out)
    },
  }
}
