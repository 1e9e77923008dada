//
// Owns: what somebody sends along who asks for help: findings, configuration without secrets, versions, the tail of the log.
// Never: contents, recipients, keys, or anything by which somebody could act as this server.

import { chmod, writeFile } from 'node:fs/promises'
import { arch, cpus, release, totalmem } from 'node:os'
import { gzipSync } from 'node:zlib'
import type { Loaded } from './config/load.ts'
import type { Checkup } from './core/diagnosis.ts'
import { fault, ok, type Result } from './core/result.ts'
import { VERSION } from './ops/version.ts'
import { redacted } from './services/doctor/redact.ts'
import { tarOf } from './services/doctor/tar.ts'

const LOG_LINES = '300'
const LOG_WITHIN = 5000

export async function writeBundle(
  file: string,
  { checkup, config }: { readonly checkup: Checkup; readonly config: Loaded },
): Promise<Result<void, string>> {
  const settings = config.shown
    .map(
      ({ key, origin, raw, secret }) =>
        `${key} = ${secret ? '[a secret]' : JSON.stringify(raw)}     # ${JSON.stringify(origin)}`,
    )
    .join('\n')
  const parts = {
    'findings.json': JSON.stringify(checkup, null, 2),
    'configuration.txt': redacted(settings),
    'versions.txt': versions(),
    'log.txt': redacted(await logTail()),
  }
  try {
    await writeFile(file, gzipSync(tarOf(parts, Math.floor(checkup.at / 1000))), { mode: 0o600 })
    await chmod(file, 0o600)
    return ok(undefined)
  } catch (error) {
    return fault(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const versions = (): string =>
  [
    `mailwok ${VERSION}`,
    `bun ${Bun.version}`,
    `${process.platform} ${release()} ${arch()}`,
    `${cpus().length} cores, ${Math.round(totalmem() / 1e6)} MB`,
    '',
  ].join('\n')

/** Of the service manager where there is one; a log that somebody keeps elsewhere is his to add. */
async function logTail(): Promise<string> {
  if (Bun.which('journalctl') === null) return 'no journalctl here\n'
  const child = Bun.spawn(['journalctl', '-u', 'mailwok', '-n', LOG_LINES, '--no-pager', '-o', 'cat'], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'ignore',
    timeout: LOG_WITHIN,
  })
  return (await child.stdout.text()) || 'the journal has nothing of mailwok\n'
}
