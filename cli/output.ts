//
// Owns: what commands print: tables for a person at a terminal, JSON for everybody else; faults; exit codes.
// Never: colours, prompts, or a decision.

import Table from 'cli-table3'
import type { AdminFault } from '../src/admin/admin.ts'

/** 0 it worked · 1 it failed · 2 wrong usage · 3 a check failed. */
export type Exit = 0 | 1 | 2 | 3

export interface Output {
  /** One object for scripts; `text` is the same for a person. */
  one(value: unknown, text: () => string): void
  /** One of several objects that come one after the other: a line each, also as JSON. */
  line(value: unknown, text: () => string): void
  /** A list. Columns name keys of the rows. */
  rows<T extends object>(rows: readonly T[], columns: readonly (keyof T & string)[]): void
  /** Text that is the same for everybody: a file, metrics. */
  plain(text: string): void
  /** Octets that others wrote: as they are into a file or a pipe, and harmless on a terminal (T25). */
  source(octets: Buffer): void
  /** For a person only, beside the result. */
  note(text: string): void
  fail(fault: AdminFault, exit?: Exit): Exit
  /** Resolves once everything has been handed to the system. */
  flush(): Promise<void>
}

export interface Streams {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean }
  readonly stderr: NodeJS.WritableStream
}

export function openOutput({ stdout, stderr }: Streams, wantsJson: boolean): Output {
  const isTerminal = stdout.isTTY === true
  const asJson = wantsJson || !isTerminal
  const writes: Promise<void>[] = []
  const write = (stream: NodeJS.WritableStream, text: string): void => {
    const line = text.endsWith('\n') ? text : `${text}\n`
    writes.push(new Promise((done) => void stream.write(line, () => done())))
  }
  const json = (value: unknown): string => JSON.stringify(value, null, isTerminal ? 2 : undefined)
  return {
    one: (value, text) => write(stdout, asJson ? json(value) : text()),
    line: (value, text) => write(stdout, asJson ? JSON.stringify(value) : harmless(text())),
    rows: (rows, columns) => write(stdout, asJson ? json(rows) : tableOf(rows, columns)),
    plain: (text) => write(stdout, text),
    source: (octets) => {
      if (isTerminal) write(stdout, harmless(octets.toString('utf8')))
      else writes.push(new Promise((done) => void stdout.write(octets, () => done())))
    },
    note: (text) => {
      if (!asJson) write(stderr, text)
    },
    fail: (error, exit = exitFor(error)) => {
      write(stderr, wantsJson ? JSON.stringify({ error }) : `mailwok: ${error.message}`)
      return exit
    },
    flush: async () => {
      await Promise.all(writes)
    },
  }
}

/** What was asked cannot be meant: other words are needed, not another day. */
const USAGE: ReadonlySet<string> = new Set([
  'usage',
  'invalid_address',
  'invalid_domain',
  'invalid_id',
  'invalid_name',
  'invalid_pattern',
  'invalid_stream',
  'invalid_url',
  'validation_failed',
])

const exitFor = ({ code }: AdminFault): Exit => (USAGE.has(code) ? 2 : 1)

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

export function tableOf<T extends object>(
  rows: readonly T[],
  columns: readonly (keyof T & string)[],
): string {
  if (rows.length === 0) return '(none)'
  const table = new Table({
    head: columns.map((column) => column.replaceAll('_', ' ').toUpperCase()),
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (const row of rows) table.push(columns.map((column) => cell(row[column])))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

function cell(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–'
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(cell).join(', ')
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return shown(String(value))
}

const harmless = (text: string): string =>
  text
    .replace(/\r\n/g, '\n')
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (char) =>
      char === '\n' || char === '\t' ? char : '\ufffd',
    )

/** What strangers wrote (subjects, replies) must not steer a terminal (T25). */
const shown = (text: string): string =>
  text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (char) => (char === '\n' ? ' ' : '\ufffd'))

/** `name: value` lines. */
export function listing(pairs: readonly (readonly [string, unknown])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length))
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${cell(value)}`).join('\n')
}
