//
// Owns: comparing bytes with a file under test/golden. MAILWOK_GOLDEN=write writes them anew; look at the diff then.

import { expect } from 'bun:test'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dir, '..', 'golden')

export const golden = (name: string): Buffer => readFileSync(join(FOLDER, name))

export function expectGolden(name: string, got: Uint8Array): void {
  const path = join(FOLDER, name)
  if (process.env['MAILWOK_GOLDEN'] === 'write') writeFileSync(path, got)
  expect(existsSync(path), `${name} is there; write it with MAILWOK_GOLDEN=write`).toBe(true)
  expect(Buffer.from(got).toString('latin1')).toBe(readFileSync(path).toString('latin1'))
}
