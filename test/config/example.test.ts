//
// mailwok.example.toml and the schema, held against each other in both directions.

import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import { exampleToml } from '../../src/config/example.ts'
import type { Entry, Keys } from '../../src/config/field.ts'
import { loadConfig } from '../../src/config/load.ts'
import { SCHEMA } from '../../src/config/schema.ts'

const FILE = join(import.meta.dir, '../../mailwok.example.toml')
const text = await Bun.file(FILE).text()
/** Samples of lists of tables stand behind a #. */
const whole = text.replace(/^# (?=\[\[|[a-zA-Z_]+ = )/gm, '')

function keysOf(keys: Keys, path = ''): string[] {
  return Object.entries(keys).flatMap(([name, entry]) =>
    keysOfEntry(entry, path === '' ? name : `${path}.${name}`),
  )
}

function keysOfEntry(entry: Entry, path: string): string[] {
  switch (entry.kind) {
    case 'field':
      return [path]
    case 'section':
      return keysOf(entry.keys, path)
    case 'many':
      return keysOf(entry.keys, path)
    case 'named':
      return Object.keys(entry.builtIn).flatMap((name) => keysOf(entry.keys, `${path}.${name}`))
    default:
      return entry satisfies never
  }
}

function keysIn(value: unknown, path = ''): string[] {
  if (Array.isArray(value) && value.some((it) => typeof it === 'object'))
    return value.flatMap((it) => keysIn(it, path))
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [path.replace(/__FILE$/, '')]
  return Object.entries(value).flatMap(([name, inner]) =>
    keysIn(inner, path === '' ? name : `${path}.${name}`),
  )
}

test('the example names every key of the schema and no other', () => {
  expect([...new Set(keysIn(parse(whole)))].sort()).toEqual(keysOf(SCHEMA).sort())
})

test('the example says exactly the defaults', () => {
  const asWritten = loadConfig({ file: FILE, flags: new Map() }, {})
  const byDefault = loadConfig({ file: '/dev/null', flags: new Map() }, {})
  if (!asWritten.ok || !byDefault.ok) throw new Error('the example has faults')
  expect(asWritten.value.config).toEqual(byDefault.value.config)
})

test('every key has a comment', () => {
  const settings = text
    .split('\n')
    .filter((line) => /^(?:# )?[a-z_A-Z]+ = /.test(line) && !/^account|^api_|^mail_|^max_/.test(line))
  expect(settings.filter((line) => !/ # .+/.test(line))).toEqual([])
})

test('`mailwok config default` prints the example', () => {
  expect(exampleToml(SCHEMA)).toBe(text)
})
