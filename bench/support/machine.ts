//
// Owns: on what a figure was measured: processor, memory, system, and the versions of all that took part.

import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { postgresBinaries } from '../../test/support/postgres-cluster.ts'
import { MAILWOK } from './mailwok.ts'

/** Before the benchmark itself puts load on the machine. */
const [LOAD_BEFORE = 0] = loadavg()
/** Half a core taken by others is more than the differences that are measured. */
const QUIET = 0.5

export function machine(): string {
  const system = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux'
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  const others =
    LOAD_BEFORE > QUIET ? `; **not quiet: load average ${LOAD_BEFORE.toFixed(1)} before it began**` : ''
  return `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${memory}, ${system}, Linux ${release()}${others}`
}

export type Program = 'mailwok' | 'postfix' | 'opendkim' | 'postgres' | 'wrk'

const HOW: Readonly<Record<Program, () => string>> = {
  mailwok: mailwokVersion,
  postfix: () => `Postfix ${said(['postconf', '-dh', 'mail_version'])}`,
  opendkim: () =>
    said(['opendkim', '-V'])
      .split('\n')[0]
      ?.replace(/^opendkim:\s*/, '')
      .replace(/ Filter v/, ' ') ?? '',
  postgres: () =>
    `PostgreSQL ${/ ([\d.]+)/.exec(said([`${postgresBinaries()}/postgres`, '--version']))?.[1] ?? ''}`,
  wrk: () => `wrk ${/wrk (?:debian\/)?([\d.]+)/.exec(said(['wrk', '-v']))?.[1] ?? ''}`,
}

/** Without a terminal it speaks JSON. */
function mailwokVersion(): string {
  const { version, commit } = JSON.parse(said([MAILWOK, 'version'])) as {
    version: string
    commit: string | null
  }
  return `MailWok ${version}${commit ? ` (${commit})` : ''}`
}

export const versions = (programs: readonly Program[]): string =>
  [...programs.map((program) => HOW[program]()), `Bun ${Bun.version}`].join(', ')

function said(command: string[]): string {
  const { stdout, stderr } = Bun.spawnSync(command, { stderr: 'pipe' })
  return (stdout.toString() || stderr.toString()).trim()
}
