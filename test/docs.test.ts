//
// What the pages say, held against the product: links, files, error codes, rooms, commands, keys, figures, waits.
// Examples of docs/api.md are run by docs-api.test.ts.

import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import type { Command } from 'commander'
import { programOf } from '../cli/main.ts'
import { exampleToml } from '../src/config/example.ts'
import { SCHEMA } from '../src/config/schema.ts'
import { HOUR, MINUTE, type Milliseconds } from '../src/core/time.ts'
import { EVENT_TYPES } from '../src/core/webhook.ts'
import { PROBLEM_CODES, statusOf } from '../src/edge/api/problem.ts'
import { guide } from '../src/edge/api/routes/docs.ts'
import {
  GREYLISTED,
  INTERNAL,
  MAILBOX_FULL,
  POLICY_WAIT,
  UNCERTAIN_WAIT,
  WAITS,
} from '../src/services/queue/retry.ts'
import { coldOn, onDay } from '../src/services/sources/warmup.ts'
import { asReply, FIELD_CODES, REFUSAL_CODES } from '../src/services/submission/refusal.ts'
import { INSIDE } from './support/architecture.ts'

const ROOT = dirname(import.meta.dir)
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const markdownIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => normalize(join(folder, name)))
const PAGES = [...markdownIn('.'), ...markdownIn('docs'), ...markdownIn('docs/decisions')]
const withoutBlocks = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '')
const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((match) => match[1] ?? '')

describe('links and files', () => {
  test.each(PAGES)('links of %s lead somewhere', (page) => {
    const lost = matches(withoutBlocks(read(page)), /\]\(([^)\s]+)\)/g).filter((link) => !leads(page, link))
    expect(lost).toEqual([])
  })

  test.each(PAGES)('files that %s names exist', (page) => {
    const named = matches(
      withoutBlocks(read(page)),
      /`((?:src|cli|test|bench|docs|assets|scripts|\.ci)\/[^`\s]*)`/g,
    )
    const lost = named.filter((path) => !/[*<…]/.test(path) && !existsSync(join(ROOT, path)))
    expect(lost).toEqual([])
  })

  test('pages speak of this project alone', () => {
    const others = PAGES.filter((page) => /\/work\/|\bTODO\b/.test(read(page)))
    expect(others).toEqual([])
  })
})

function leads(page: string, link: string): boolean {
  if (/^https?:/.test(link)) return true
  const [path = '', place] = link.split('#')
  const file = path === '' ? page : normalize(join(dirname(page), path))
  if (!existsSync(join(ROOT, file))) return false
  return place === undefined || matches(read(file), /^#{1,6} (.+)$/gm).some((title) => slug(title) === place)
}

/** As code hosts make it of a heading. */
const slug = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

describe('docs/errors.md', () => {
  const sections = new Map(
    read('docs/errors.md')
      .split(/^### /m)
      .slice(1)
      .map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
  )

  test('has every code of the API and no other', () => {
    expect([...sections.keys()].sort()).toEqual([...PROBLEM_CODES].sort())
  })

  test.each(PROBLEM_CODES)('%s has its status', (code) => {
    expect(sections.get(code)).toMatch(new RegExp(`^${code}\nHTTP ${statusOf(code)}\\. `))
  })

  test.each(REFUSAL_CODES)('%s has its SMTP reply', (code) => {
    const reply = asReply({ code, say: '' })
    expect(sections.get(code)).toContain(`SMTP ${reply.code} ${reply.text.trim()}.`)
  })

  test('has every code of a field and no other', () => {
    const table =
      /^\| code of a field \|[^\n]*\n\|[-|]+\n((?:\|[^\n]*\n)+)/m.exec(read('docs/errors.md'))?.[1] ?? ''
    const listed = matches(table, /`(\w+)`(?=,|[^\n|]*\| )/g)
    expect(listed.sort()).toEqual([...FIELD_CODES].sort())
  })

  test('is served with a place for each', () => {
    const places = matches(guide('errors', read('docs/errors.md')), /<h3 id="(\w+)">/g)
    expect(places.sort()).toEqual([...PROBLEM_CODES].sort())
  })
})

test('ARCHITECTURE.md has the rooms and arrows that the architecture test holds', () => {
  const rows = [...read('ARCHITECTURE.md').matchAll(/^\| ((?:mail|net|services|edge)\/\w+) \| ([^|]*)\|/gm)]
  const arrows = rows.map(([, room = '', list = '']) => {
    const wing = room.slice(0, room.indexOf('/'))
    const names = list.split(',').map((name) => name.trim())
    return [room, names.filter((name) => name !== '').map((name) => `${wing}/${name}`)] as const
  })
  const told: Readonly<Record<string, readonly string[]>> = Object.fromEntries(arrows)
  expect(told).toEqual(INSIDE)
  expect(arrows.map(([room]) => room)).toEqual(Object.keys(INSIDE))
})

test('ARCHITECTURE.md names every file of the root', () => {
  const page = read('ARCHITECTURE.md')
  const files = readdirSync(join(ROOT, 'src')).filter((name) => name.endsWith('.ts'))
  expect(files.filter((name) => !page.includes(`\`src/${name}\``))).toEqual([])
})

test('ARCHITECTURE.md tells which rooms stand', () => {
  const rows = [...read('ARCHITECTURE.md').matchAll(/^\| (\w+\/\w+) \| [^|]*\| (yes|later) \|/gm)]
  const wrong = rows.filter(
    ([, room = '', stands]) => existsSync(join(ROOT, 'src', room)) !== (stands === 'yes'),
  )
  expect(wrong).toEqual([])
  expect(rows.length).toBe(Object.keys(INSIDE).length)
})

describe('commands', () => {
  const program = programOf()
  const called = PAGES.flatMap((page) =>
    matches(read(page), /(?:^|[`# $])mailwok ((?:[a-z]+(?![\w.:/=]) ?)+[^\n`]*)/gm).map(
      (line) => [line.split(/ {2,}|; | \|/)[0] ?? '', page] as const,
    ),
  ).filter(([line]) => program.commands.some((command) => command.name() === line.split(' ')[0]))

  test('were found', () => expect(called.length).toBeGreaterThan(40))

  test.each(called)('mailwok %s, of %s', (line) => {
    const words = line.split(' ')
    const command = commandOf(program, words)
    // Some do something themselves and have others below them.
    if (Reflect.get(command, '_actionHandler') === null) expect(command.commands).toEqual([])
    const known = new Set([...command.options, ...program.options].map((option) => option.long))
    const options = words
      .filter((word) => /^--[a-z]/.test(word))
      .map((word) => word.replace(/[^a-z-].*$/, ''))
    expect(options.filter((option) => !known.has(option))).toEqual([])
  })

  test('are all in docs/operating.md', () => {
    const page = read('docs/operating.md')
    expect(leavesOf(program).filter((name) => !page.includes(`mailwok ${name}`))).toEqual([])
  })
})

function commandOf(program: Command, words: readonly string[]): Command {
  const next = program.commands.find((command) => command.name() === words[0])
  return next ? commandOf(next, words.slice(1)) : program
}

const leavesOf = (command: Command): string[] =>
  command.commands.flatMap((inner) =>
    // What this executable asks of itself is told to nobody.
    Reflect.get(inner, '_hidden') === true
      ? []
      : inner.commands.length === 0
        ? [inner.name()]
        : leavesOf(inner).map((name) => `${inner.name()} ${name}`),
  )

test('configuration keys that pages name exist', () => {
  const keys = new Set<string>()
  let section = ''
  for (const line of exampleToml(SCHEMA).split('\n')) {
    section = /^(?:# )?\[+([\w.]+)\]+$/.exec(line)?.[1] ?? section
    const key = /^(?:# )?(\w+?)(?:__FILE)? = /.exec(line)?.[1]
    if (key !== undefined) keys.add(`${section}.${key}`)
  }
  const sections = new Set([...keys].map((key) => key.slice(0, key.indexOf('.'))))
  const lost = PAGES.flatMap((page) =>
    matches(withoutBlocks(read(page)), /`([a-z]+\.[a-z_]+)(?: = [^`]*)?`/g),
  )
    .filter((key) => sections.has(key.slice(0, key.indexOf('.'))))
    .filter((key) => !keys.has(key) && !/\.(?:ts|md|toml|json)$/.test(key))
    // Events are written as keys are.
    .filter((key) => !EVENT_TYPES.some((type) => type === key))
  expect([...new Set(lost)]).toEqual([])
})

test('docs/operating.md has every figure and no other', async () => {
  const counted = new Set<string>()
  for await (const path of new Bun.Glob('src/**/*.ts').scan({ cwd: ROOT })) {
    const call = /\bmeter\.(?:count|gauge|observe)\(\s*'(\w+)'/g
    for (const name of matches(read(path), call)) counted.add(`mailwok_${name}`)
  }
  const told = matches(read('docs/operating.md'), /`(mailwok_\w+)(?:\{[\w,]+\})?`/g)
  expect([...new Set(told)].sort()).toEqual([...counted].sort())
})

test.each([
  ['most', waitsOf(WAITS)],
  ['`greylisted`', waitsOf(GREYLISTED)],
  ['`mailbox_full`', waitsOf(MAILBOX_FULL)],
  ['`internal`', waitsOf(INTERNAL)],
  ['`rate_limited`', `as most, but never less than ${waitsOf([POLICY_WAIT])}`],
  ['`uncertain`', `as most, but never less than ${waitsOf([UNCERTAIN_WAIT])}`],
])('docs/delivery.md has the waits of retry.ts for %s', (reason, want) => {
  const row = read('docs/delivery.md')
    .split('\n')
    .find((line) => line.startsWith(`| ${reason}`))
  expect(row?.split('|').at(-2)?.trim()).toBe(want)
})

test('docs/addresses.md has the calendar of warmup.ts', () => {
  const budgets: string[] = []
  let day = coldOn(0)
  while (day.warmAt === null) {
    budgets.push(day.budget.toLocaleString('en'))
    day = onDay({ ...day, sent: day.budget }, day.day + 1, 0)
  }
  const row = read('docs/addresses.md')
    .split('\n')
    .find((line) => line.startsWith('| budget'))
  expect(
    row
      ?.split('|')
      .slice(2, -2)
      .map((cell) => cell.trim()),
  ).toEqual(budgets)
})

function waitsOf(waits: readonly Milliseconds[]): string {
  return waits.map((wait) => (wait < HOUR ? `${wait / MINUTE} min` : `${wait / HOUR} h`)).join(', ')
}
