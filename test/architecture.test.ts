//
// The architecture of ARCHITECTURE.md, held by a machine. Each rule is tested itself: a planted fault must be found.

import { describe, expect, test } from 'bun:test'
import { dirname, join } from 'node:path'
import {
  circles,
  contentFaults,
  importFaults,
  libraryFaults,
  loadedWith,
  MAX_LINES,
  nameFaults,
} from './support/architecture.ts'
import { readSource, roomOf, type Source } from './support/source.ts'

const ROOT = dirname(import.meta.dir)

async function sourcesOf(...folders: readonly string[]): Promise<readonly Source[]> {
  const sources: Source[] = []
  for (const folder of folders) {
    for await (const path of new Bun.Glob(`${folder}/**/*.ts`).scan({ cwd: ROOT })) {
      sources.push(readSource(path, await Bun.file(join(ROOT, path)).text()))
    }
  }
  return sources
}

describe('this checkout', async () => {
  const ours = await sourcesOf('src', 'cli')
  const all = [...ours, ...(await sourcesOf('scripts', 'test'))]

  test('was found', () => expect(ours.length).toBeGreaterThan(40))
  test('imports point inwards', () => expect(ours.flatMap(importFaults)).toEqual([]))
  test('has no circles', () => expect(circles(ours)).toEqual([]))
  test('keeps each library to its room', () => expect(ours.flatMap(libraryFaults)).toEqual([]))
  test('keeps files short and free of what is not allowed', () =>
    expect(all.flatMap(contentFaults)).toEqual([]))
  // A verb takes three times as long with all of the node as without.
  test('a command loads no node', () => {
    const loaded = loadedWith('cli/main.ts', ours)
    expect(loaded).toContain('cli/commands/doctor.ts')
    expect(
      loaded.filter((path) => /^src\/(?:[^/]+\.ts|(?:edge|mail|net|services|store)\/)/.test(path)),
    ).toEqual([])
  })
  test('names files for what they hold', () => expect(ours.flatMap(nameFaults)).toEqual([]))
})

describe('the rules find planted faults', () => {
  test.each([
    ['src/core/a.ts', "import { x } from '../mail/mime/b.ts'"],
    ['src/core/a.ts', "import type { X } from '../config/b.ts'"],
    ['src/mail/mime/a.ts', "import { x } from '../dkim/b.ts'"],
    ['src/mail/mime/a.ts', "import { x } from '../../net/smtp/b.ts'"],
    ['src/net/smtp/a.ts', "import { x } from '../../store/store.ts'"],
    ['src/net/smtp/a.ts', "import { x } from '../delivery/b.ts'"],
    ['src/store/a.ts', "import { x } from '../net/dns/resolver.ts'"],
    ['src/services/submission/a.ts', "import { x } from '../queue/b.ts'"],
    ['src/services/queue/a.ts', "import { x } from '../../config/schema.ts'"],
    ['src/services/queue/a.ts', "import { x } from '../../ops/clock.ts'"],
    ['src/edge/api/a.ts', "import { x } from '../smtpd/b.ts'"],
    ['src/edge/api/a.ts', "import { x } from '../../appliance.ts'"],
    ['src/edge/api/a.ts', "const it = await import('../smtpd/b.ts')"],
    ['src/nowhere/a.ts', ''],
    ['src/services/a.ts', ''],
    ['cli/a.ts', "import { x } from '../src/store/store.ts'"],
    ['cli/a.ts', "import {\n  x,\n  y,\n} from '../src/store/store.ts'"],
  ])('%s with %p', (path, text) => {
    expect(importFaults(readSource(path, text))).not.toEqual([])
  })

  test.each([
    ['src/mail/templates/a.ts', "import { x } from '../mime/b.ts'"],
    ['src/services/queue/a.ts', "import { x } from '../routing/b.ts'"],
    ['src/net/delivery/worker-thread.ts', "import { x } from '../../ops/clock.ts'"],
    ['src/appliance.ts', "import { x } from './edge/api/api.ts'"],
    ['cli/commands/a.ts', "import { x } from '../../src/appliance.ts'"],
    ['src/core/a.ts', "// import { x } from '../mail/mime/b.ts'"],
    ['src/core/a.ts', "const it = `import { x } from '../mail/mime/b.ts'`"],
  ])('%s may have %p', (path, text) => {
    expect(importFaults(readSource(path, text))).toEqual([])
  })

  test('what is loaded at once', () => {
    const files = [
      readSource('cli/a.ts', "import type { A } from './b.ts'\nimport { type B, c } from './c.ts'"),
      readSource('cli/c.ts', "import { type D } from './d.ts'\nconst e = await import('./e.ts')"),
    ]
    expect(loadedWith('cli/a.ts', files)).toEqual(['cli/a.ts', 'cli/c.ts'])
  })

  test('a circle of three files', () => {
    const files = [
      readSource('src/core/a.ts', "import { b } from './b.ts'"),
      readSource('src/core/b.ts', "import { c } from './c.ts'"),
      readSource('src/core/c.ts', "import type { a } from './a.ts'"),
    ]
    expect(circles(files)).toEqual(['circle: src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts'])
    expect(circles(files.slice(0, 2))).toEqual([])
  })

  test.each([
    ['src/edge/smtpd/a.ts', "import { Elysia } from 'elysia'"],
    ['src/services/queue/a.ts', "import { Database } from 'bun:sqlite'"],
    ['src/services/queue/a.ts', "import { SQL } from 'bun'"],
    ['src/net/smtp/dialogue.ts', "import { connect } from 'node:net'"],
    ['src/mail/mime/a.ts', "import { readFileSync } from 'node:fs'"],
    ['src/edge/api/a.ts', "import x from 'leftpad/deep/file.js'"],
    ['src/net/dns/a.ts', "import { resolve } from 'node:dns'"],
    ['src/core/a.ts', "import { dlopen } from 'bun:ffi'"],
  ])('%s with %p is a library away from home', (path, text) => {
    expect(libraryFaults(readSource(path, text))).toHaveLength(1)
  })

  test.each([
    'const now = Date.now()',
    'const now = new Date()',
    'const chance = Math.random()',
    "const home = process.env['HOME']",
    'const x = y as any',
    'function f(x: any) {}',
    'const list: Array<any> = []',
    'const x = y!.z',
    'const x = f(y!)',
    'const x = list[0]!\n',
    '// @ts-ignore',
    '/* biome-ignore lint: no */',
    "export * from './b.ts'",
    "export { b } from './b.ts'",
    "export type { B } from './b.ts'",
    'export default 1',
    'console.log(1)',
    'let state = 1',
    '// TODO: later',
    '\n'.repeat(MAX_LINES + 1),
  ])('%p', (text) => {
    expect(contentFaults(readSource('src/core/a.ts', text))).toHaveLength(1)
  })

  test.each([
    '// Date.now() is the clock of ops',
    "const say = 'Date.now()'",
    'const at = new Date(now)',
    'if (a !== b) return !c',
    'const wrong = !(a && !b)',
    'export const many = (company: string) => company',
    'const found = /["\'`]/.test(text) // any\nconst x = 1',
    'function f() {\n  let inner = 1\n}',
    'const half = a / b / c',
    '\n'.repeat(MAX_LINES),
  ])('nothing is wrong with %p', (text) => {
    expect(contentFaults(readSource('src/core/a.ts', text))).toEqual([])
  })

  test.each(['src/core/utils.ts', 'src/core/mail-helper.ts', 'cli/index.ts', 'src/store/job.ts'])(
    '%s',
    (path) => {
      expect(nameFaults(readSource(path, ''))).toHaveLength(1)
    },
  )

  test.each([
    ['src/core/a.ts', 'core'],
    ['src/store/sqlite/a.ts', 'store'],
    ['src/services/queue/a.ts', 'services/queue'],
    ['src/edge/api/routes/a.ts', 'edge/api'],
    ['src/appliance.ts', 'root'],
    ['cli/commands/a.ts', 'cli'],
  ])('%s is in %s', (path, room) => expect(roomOf(path)).toBe(room))
})
