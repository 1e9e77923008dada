//
// Owns: bench/RESULTS.md. Each script has one section there, replaced in place when the script runs again, so that a
// figure never stands beside another run's machine or versions.

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { machine, type Program, versions } from './machine.ts'
import { yardstick } from './yardstick.ts'

const FILE = join(import.meta.dir, '..', 'RESULTS.md')
const HEAD = `# Measured

Written by the scripts of this folder: run one again and its section is replaced. Ratios are taken between peers of one
run, in turns on the same machine; load generator, receiver and peers share its cores. Medians unless said otherwise.
`

export interface Section {
  /** Name of the script without its ending; the order of sections is that of these names. */
  readonly script: string
  readonly title: string
  /** As somebody would type it. */
  readonly command: string
  readonly programs: readonly Program[]
  /** Markdown. */
  readonly body: string
}

export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

export function writeSection(section: Section): void {
  const sections = new Map(sectionsOf(existsSync(FILE) ? readFileSync(FILE, 'utf8') : ''))
  sections.set(section.script, textOf(section))
  const sorted = [...sections].sort(([a], [b]) => a.localeCompare(b)).map(([, text]) => text)
  // Whole or not at all: a run that is killed leaves the file as it was.
  writeFileSync(`${FILE}.${process.pid}`, `${[HEAD, ...sorted].join('\n')}`)
  renameSync(`${FILE}.${process.pid}`, FILE)
  console.log(`\n${textOf(section)}`)
}

const mark = (script: string): string => `<!-- ${script} -->`

function sectionsOf(text: string): readonly (readonly [string, string])[] {
  return text
    .split(/^(?=<!-- [a-z-]+ -->$)/m)
    .slice(1)
    .map((part) => [/^<!-- ([a-z-]+) -->/.exec(part)?.[1] ?? '', `${part.trimEnd()}\n`] as const)
}

function textOf({ script, title, command, programs, body }: Section): string {
  const facts = [
    `\`${command}\`, ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    machine(),
    yardstick(),
    versions(programs),
  ]
  return `${mark(script)}\n## ${title}\n\n${facts.join('  \n')}\n\n${body.trim()}\n`
}

export function table({ head, rows }: Table): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Of an even number of values the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  return (lower + upper) / 2
}

export const whole = (value: number): string => Math.round(value).toLocaleString('en-US')
export const times = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} ×`
export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} ms`
export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`
/** Processor time per message. */
export const perMessage = (seconds: number, messages: number): string =>
  `${((seconds / messages) * 1e3).toFixed(3)} ms`
