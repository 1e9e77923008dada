//
// Owns: where this process writes its log, and how.

import type { Config } from './config/schema.ts'
import type { Clock, Log } from './core/ports.ts'
import { openLog } from './ops/log.ts'

export const logOf = ({ log: { format, level } }: Config, clock: Clock): Log =>
  openLog({
    level,
    format: format === 'auto' ? (process.stdout.isTTY ? 'logfmt' : 'json') : format,
    sink: process.stderr,
    now: () => clock.now(),
  })
