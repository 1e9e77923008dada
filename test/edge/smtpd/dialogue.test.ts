import { test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { play } from './dialogue.ts'

const FOLDER = join(import.meta.dir, 'dialogues')

for (const file of readdirSync(FOLDER).sort()) {
  test(`dialogue ${file}`, () => play(readFileSync(join(FOLDER, file), 'utf8')))
}
