//
// Owns: `bun run build`: dist/mailwok for this machine, or the file named as the first argument.

import { join, resolve } from 'node:path'
import { makeExecutable, ROOT } from './executable.ts'

const outfile = resolve(Bun.argv[2] ?? join(ROOT, 'dist', 'mailwok'))
try {
  await makeExecutable(null, outfile)
} catch (error) {
  console.error(error)
  process.exit(1)
}
console.log(`built ${outfile}`)
