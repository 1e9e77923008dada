//
// Owns: where this process writes its log, and how.

import { fstatSync } from 'node:fs'
import { readSurroundings } from './config/load.ts'
import type { Config } from './config/schema.ts'
import type { Clock, Log } from './core/ports.ts'
import { gathered, openLog } from './ops/log.ts'

const STDERR = 2

/** One for the process: lines stand in the order in which they were written, whoever wrote them. */
const sink = gathered(
  (text) => void process.stderr.write(text),
  (then) => void setImmediate(then),
)
process.on('exit', () => sink.flush())

export const logOf = ({ log: { format, level } }: Config, clock: Clock): Log =>
  openLog({
    level,
    format: format === 'auto' ? (process.stderr.isTTY ? 'logfmt' : 'json') : format,
    sink,
    journal: isJournal(readSurroundings().journal),
    now: () => clock.now(),
  })

/** systemd.exec(5), $JOURNAL_STREAM: inherited by children whose standard error leads elsewhere, hence the comparison. */
function isJournal(named: string | null): boolean {
  if (named === null) return false
  try {
    const { dev, ino } = fstatSync(STDERR, { bigint: true })
    return named === `${dev}:${ino}`
  } catch {
    return false
  }
}
