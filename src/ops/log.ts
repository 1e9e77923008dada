//
// Owns: one line per event on standard error: JSON, or logfmt for a person at a terminal.
// Never: message content or secrets (invariant I8), nor a line break that a stranger wrote (T25).

import pino from 'pino'
import type { Log, LogFields } from '../core/ports.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface LogOptions {
  readonly level: LogLevel
  readonly format: 'json' | 'logfmt'
  /** Takes whole lines, ended by "\n". */
  readonly sink: { write(line: string): void }
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

export function openLog(options: LogOptions): Log {
  return options.format === 'json' ? jsonLog(options) : logfmtLog(options)
}

/** pino without transports: those want worker files that one executable does not have. */
function jsonLog(options: LogOptions): Log {
  const logger = pino(
    {
      level: options.level,
      messageKey: 'what',
      base: null,
      timestamp: () => `,"time":"${new Date(options.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    // pino escapes what JSON demands; what else steers a terminal stands inside strings, where \u is as good.
    { write: (line) => options.sink.write(`${escaped(line.slice(0, -1))}\n`) },
  )
  return {
    debug: (what, fields) => logger.debug(fields ?? {}, what),
    info: (what, fields) => logger.info(fields ?? {}, what),
    warn: (what, fields) => logger.warn(fields ?? {}, what),
    error: (what, fields) => logger.error(fields ?? {}, what),
  }
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

function logfmtLog(options: LogOptions): Log {
  const at =
    (level: LogLevel) =>
    (what: string, fields?: LogFields): void => {
      if (RANK[level] < RANK[options.level]) return
      options.sink.write(logfmtLine(options.now(), level, { what, fields: fields ?? {} }))
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

function logfmtLine(now: number, level: LogLevel, line: { what: string; fields: LogFields }): string {
  const parts = [new Date(now).toISOString(), level.padEnd(5), escaped(line.what)]
  for (const [name, value] of Object.entries(line.fields)) {
    if (value !== undefined) parts.push(`${name}=${typeof value === 'string' ? quoted(value) : value}`)
  }
  return `${parts.join(' ')}\n`
}

const quoted = (value: string): string => {
  const safe = escaped(value)
  return safe === '' || /[\s"=]/.test(safe) ? `"${safe.replaceAll('"', '\\"')}"` : safe
}

// Also U+2028, U+2029 and the bidirectional controls: a terminal would let them rearrange what an operator reads.
const UNSAFE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

const escaped = (value: string): string =>
  value.replace(UNSAFE, (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
