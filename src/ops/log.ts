//
// Owns: one line per event on standard error: JSON, or logfmt for a person at a terminal.
// Never: message content or secrets (invariant I8), nor a line break that a stranger wrote (T25).

import pino from 'pino'
import type { Log, LogFields } from '../core/ports.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface LogOptions {
  readonly level: LogLevel
  readonly format: 'json' | 'logfmt'
  /** Takes whole lines, ended by "\n"; `isUrgent` where what ends this process must not swallow it. */
  readonly sink: LineSink
  /** The journal reads: each line begins with its priority. */
  readonly journal?: boolean
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

export interface LineSink {
  write(line: string, isUrgent: boolean): void
}

/** RFC 5424 §6.2.1 as sd-daemon(3) writes it: what is left of a line is stored under this priority. */
const PRIORITY: Readonly<Record<LogLevel, string>> = { debug: '<7>', info: '<6>', warn: '<4>', error: '<3>' }

export function openLog(options: LogOptions): Log {
  const { journal = false, sink } = options
  const write = (line: string, level: LogLevel): void =>
    sink.write(journal ? PRIORITY[level] + line : line, level === 'warn' || level === 'error')
  return options.format === 'json' ? jsonLog(options, write) : logfmtLog(options, write)
}

type Write = (line: string, level: LogLevel) => void

/** Lines of one turn of the event loop leave with one call of the system; urgent ones at once, and those before them. */
export function gathered(
  write: (text: string) => void,
  later: (then: () => void) => void,
): LineSink & { flush(): void } {
  let lines = ''
  let isAwaited = false
  const flush = (): void => {
    const text = lines
    lines = ''
    if (text !== '') write(text)
  }
  return {
    write: (line, isUrgent) => {
      lines += line
      if (isUrgent || lines.length > MOST_GATHERED) flush()
      else if (!isAwaited) {
        isAwaited = true
        later(() => {
          isAwaited = false
          flush()
        })
      }
    },
    flush,
  }
}

/** A pipe takes so much at once (pipe(7)). */
const MOST_GATHERED = 64 * 1024

/** pino without transports: those want worker files that one executable does not have. */
function jsonLog(options: LogOptions, write: Write): Log {
  // pino writes before it returns, and does not tell its destination of which level a line is.
  let of: LogLevel = 'info'
  const logger = pino(
    {
      level: options.level,
      messageKey: 'what',
      base: null,
      timestamp: () => `,"time":"${new Date(options.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    // pino escapes what JSON demands; what else steers a terminal stands inside strings, where \u is as good.
    { write: (line) => write(`${escaped(line.slice(0, -1))}\n`, of) },
  )
  const at =
    (level: LogLevel) =>
    (what: string, fields?: LogFields): void => {
      of = level
      logger[level](fields ?? {}, what)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

function logfmtLog(options: LogOptions, write: Write): Log {
  const at =
    (level: LogLevel) =>
    (what: string, fields?: LogFields): void => {
      if (RANK[level] < RANK[options.level]) return
      write(logfmtLine(options.now(), level, { what, fields: fields ?? {} }), level)
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
