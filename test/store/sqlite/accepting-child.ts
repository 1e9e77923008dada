// Owns: a process that accepts without end and prints each id once its commit is promised; its parent kills it.

import { openSqlite } from '../../../src/store/sqlite/open.ts'
import { acceptanceOf, storeOptions } from '../contract/samples.ts'

const store = await openSqlite(process.argv[2] ?? '', storeOptions())

async function lane(): Promise<void> {
  for (;;) {
    const acceptance = acceptanceOf({ leased: true })
    const end = await store.queue.accept(acceptance)
    if (end.ok) process.stdout.write(`${acceptance.message.id}\n`)
  }
}
await Promise.all(Array.from({ length: 8 }, lane))
