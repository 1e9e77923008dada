import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../src/store/open.ts'
import { storeOptions } from './contract/samples.ts'

test.each(['mysql://root:secret@host/db', 'sqlite:', '/var/lib/x.db', ''])('%s is no store', async (url) => {
  const message = await openStore(url, storeOptions()).then(
    () => 'opened',
    (error: Error) => error.message,
  )
  expect(message).toContain('store.url')
  expect(message).not.toContain('secret')
})

test.each(['sqlite:', 'sqlite://'])('%s/path opens the SQLite engine', async (scheme) => {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-open-'))
  const store = await openStore(`${scheme}${join(folder, 'a.db')}`, storeOptions())
  expect(store.engine).toBe('sqlite')
  await store.close()
  rmSync(folder, { recursive: true })
})
