//
// A backup of either engine comes back with everything in it, and never over what is there unless it was asked for.

import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBackup, restoreBackup } from '../../src/admin/backup.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import { idsFor } from '../../src/core/ids.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { storeOptions } from '../store/contract/samples.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'

// pg_dump and pg_restore are processes of their own, on a machine that runs other suites as well.
setDefaultTimeout(60_000)

const folder = mkdtempSync(join(tmpdir(), 'mailwok-backup-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const NOW = Date.UTC(2026, 0, 1)
const ids = idsFor('t', () => NOW)

function configOf(name: string, url?: string): Config {
  mkdirSync(join(folder, name), { recursive: true })
  const flags = new Map([['server.data_dir', join(folder, name)]])
  if (url !== undefined) flags.set('store.url', url)
  const loaded = loadConfig({ file: '/dev/null', flags }, {})
  if (!loaded.ok) throw new Error('the test configuration has faults')
  return loaded.value.config
}

async function withStore<T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(config.store.url, storeOptions())
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

const names = (config: Config) =>
  withStore(config, async (store) => (await store.directory.accounts()).map((it) => it.name).sort())

const addAccount = (config: Config, name: string) =>
  withStore(config, (store) =>
    store.directory.addAccount({ id: ids.account(), name, plan: 'free', createdAt: NOW }),
  )

const backUp = (config: Config, to: string) =>
  withStore(config, (store) => createBackup({ store, config, now: NOW }, to))

const postgres = postgresSuite('postgres')
const ENGINES = [
  { name: 'sqlite', skip: false, url: async () => undefined },
  { name: postgres.name, skip: postgres.skip, url: () => freshDatabase() },
] as const

for (const { name, skip, url } of ENGINES) {
  describe.skipIf(skip)(name, async () => {
    const place = name.split(' ')[0] ?? name

    test('there and back', async () => {
      const config = configOf(place, await url())
      await addAccount(config, 'first')
      writeFileSync(config.server.secretFile, 'the secret\n', { mode: 0o600 })
      const copy = join(folder, `${place}-copy`)
      expect(await backUp(config, copy)).toMatchObject({ ok: true, value: { folder: copy } })
      expect(statSync(copy).mode & 0o777).toBe(0o700)
      expect(await backUp(config, copy)).toMatchObject({ ok: false, error: { code: 'not_empty' } })

      await addAccount(config, 'second')
      writeFileSync(config.server.secretFile, 'another\n')
      expect(await restoreBackup(config, copy, false)).toMatchObject({ ok: false, error: { code: 'exists' } })
      expect(await names(config)).toEqual(['first', 'second'])
      expect(await restoreBackup(config, copy, true)).toMatchObject({ ok: true })
      expect(await names(config)).toEqual(['first'])
      expect(readFileSync(config.server.secretFile, 'utf8')).toBe('the secret\n')
      expect(statSync(config.server.secretFile).mode & 0o777).toBe(0o600)
      expect(readFileSync(`${config.server.secretFile}.before-restore`, 'utf8')).toBe('another\n')
    })

    test('onto an empty machine', async () => {
      const config = configOf(`${place}-new`, await url())
      expect(await restoreBackup(config, join(folder, `${place}-copy`), false)).toMatchObject({ ok: true })
      expect(await names(config)).toEqual(['first'])
    })

    test('a backup that did not end is none', async () => {
      const config = configOf(`${place}-other`, await url())
      const half = mkdtempSync(join(folder, 'half-'))
      expect(await restoreBackup(config, half, false)).toMatchObject({ error: { code: 'no_backup' } })
      expect(existsSync(config.server.secretFile)).toBe(false)
    })
  })
}
