import { setDefaultTimeout, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { play } from './dialogue.ts'

// Programs and handshakes take their time on a busy machine; every wait within is bounded by itself.
setDefaultTimeout(30_000)

const FOLDER = join(import.meta.dir, 'dialogues')

for (const file of readdirSync(FOLDER).sort()) {
  test(`dialogue ${file}`, () => play(readFileSync(join(FOLDER, file), 'utf8')))
}
