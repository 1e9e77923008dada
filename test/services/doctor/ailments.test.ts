import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AILMENTS, CHECKS, docsOf } from '../../../src/core/diagnosis.ts'

const ROOT = join(import.meta.dir, '../../..')
const page = readFileSync(join(ROOT, 'docs/doctor.md'), 'utf8')
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((text) => [text.split('\n')[0] ?? '', text] as const),
)
const judges = ['src/services/doctor', 'cli/commands']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => readFileSync(join(ROOT, folder, name), 'utf8')),
  )
  .join('\n')

test.each(Object.entries(AILMENTS))(
  '%s is explained where its check is, and somebody finds it',
  (ailment, check) => {
    expect(sections.get(docsOf({ check }).split('#')[1] ?? '')).toContain(`| \`${ailment}\` |`)
    expect(judges).toContain(`'${ailment}'`)
  },
)

test('the page explains nothing else', () => {
  const told = [...page.matchAll(/^\| `([a-z0-9_]+)` \|/gm)].map(([, name]) => name ?? '')
  expect(told.filter((name) => !(name in AILMENTS))).toEqual([])
  expect([...sections.keys()].sort()).toEqual(
    Object.keys(CHECKS)
      .map((check) => check.replaceAll('_', '-'))
      .sort(),
  )
})
