import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dayFileOf, dayMemory } from '../src/day-memory.ts'
import { storeOptions } from './store/contract/samples.ts'

test('what is kept is read again, and nothing else', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'mailwok-day-'))
  const file = dayFileOf({ dataDir, node: '0' })
  const memory = dayMemory(file, storeOptions().log)
  expect(memory.kept()).toBeNull()
  const day = { boot: 'one', day: 20_000, endsAt: 5 }
  memory.keep(day)
  expect(memory.kept()).toEqual(day)
  for (const text of ['', '{', 'null', '{"boot":1,"day":2,"endsAt":3}']) {
    writeFileSync(file, text)
    expect(memory.kept()).toBeNull()
  }
  rmSync(dataDir, { recursive: true })
  // A folder that is gone is told in the log, and stops nobody.
  memory.keep(day)
})
