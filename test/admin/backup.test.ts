//
// A backup of either engine comes back with everything in it, and never over what is there unless it was asked for.

import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { restoreBackup } from '../../src/admin/restoring.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import { idsFor } from '../../src/core/ids.ts'
import { checkBackup } from '../../src/services/backup/checking.ts'
import { makeBackup } from '../../src/services/backup/making.ts'
import { MANIFEST, type Manifest } from '../../src/services/backup/manifest.ts'
import { restoreMark, unfinishedRestore } from '../../src/services/backup/mark.ts'
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
  withStore(config, (store) => {
    const { dataDir, hostname, secretFile } = config.server
    const configFile = join(dataDir, 'mailwok.toml')
    const sources = {
      store,
      secretFile,
      configFile,
      tlsFolder: join(dataDir, 'tls'),
      hostname,
      version: '0.1.0',
    }
    return makeBackup(sources, to, NOW)
  })

const restore = (config: Config, from: string, replace = false) =>
  restoreBackup(config, { folder: from, replace })

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
      writeFileSync(join(config.server.dataDir, 'mailwok.toml'), '# mine\n')
      mkdirSync(join(config.server.dataDir, 'tls', 'acme'), { recursive: true })
      writeFileSync(join(config.server.dataDir, 'tls', 'acme', 'account.key'), 'a key\n')
      const copy = join(folder, `${place}-copy`)
      expect(await backUp(config, copy)).toMatchObject({ ok: true, value: { owed: 0 } })
      expect(statSync(copy).mode & 0o777).toBe(0o700)
      expect(await backUp(config, copy)).toMatchObject({ ok: false, error: { code: 'not_empty' } })

      await addAccount(config, 'second')
      writeFileSync(config.server.secretFile, 'another\n')
      expect(await restore(config, copy, false)).toMatchObject({ ok: false, error: { code: 'exists' } })
      expect(await names(config)).toEqual(['first', 'second'])
      expect(await restore(config, copy, true)).toMatchObject({ ok: true })
      expect(await names(config)).toEqual(['first'])
      expect(readFileSync(config.server.secretFile, 'utf8')).toBe('the secret\n')
      expect(statSync(config.server.secretFile).mode & 0o777).toBe(0o600)
      expect(readFileSync(`${config.server.secretFile}.before-restore`, 'utf8')).toBe('another\n')
    })

    test('onto an empty machine', async () => {
      const config = configOf(`${place}-new`, await url())
      expect(await restore(config, join(folder, `${place}-copy`))).toMatchObject({ ok: true })
      expect(await names(config)).toEqual(['first'])
      expect(readFileSync(join(config.server.dataDir, 'tls', 'acme', 'account.key'), 'utf8')).toBe('a key\n')
      expect(readFileSync(join(folder, `${place}-copy`, 'mailwok.toml'), 'utf8')).toBe('# mine\n')
    })

    test('a backup that did not end is none', async () => {
      const config = configOf(`${place}-other`, await url())
      const half = mkdtempSync(join(folder, 'half-'))
      expect(await restore(config, half)).toMatchObject({ error: { code: 'no_backup' } })
      expect(existsSync(config.server.secretFile)).toBe(false)
    })

    describe('what is damaged is refused, and nothing is touched', () => {
      const DAMAGES = {
        'a byte of the database': (at: string) => flip(join(at, databaseIn(at))),
        'a database that ends early': (at: string) => cut(join(at, databaseIn(at))),
        'another secret': (at: string) => writeFileSync(join(at, 'secret'), 'thE secret\n'),
        'no secret': (at: string) => rmSync(join(at, 'secret')),
        'a newer schema': (at: string) => change(at, { schema: 999 }),
        'a manifest that is none': (at: string) => writeFileSync(join(at, MANIFEST), '{'),
        'a name that leads out': (at: string) =>
          change(at, { files: [{ name: '../../etc/passwd', octets: 0, sha256: '0'.repeat(64) }] }),
        'a manifest without the database': (at: string) => change(at, { files: [] }),
        'a format of tomorrow': (at: string) => change(at, { format: 3 }),
      }
      test.each(Object.entries(DAMAGES))('%s', async (what, damage) => {
        const at = mkdtempSync(join(folder, 'damaged-'))
        cpSync(join(folder, `${place}-copy`), at, { recursive: true })
        damage(at)
        const config = configOf(`${place}-damaged`, await url())
        const code = what === 'a newer schema' ? 'newer_schema' : 'damaged'
        expect(await checkBackup(at)).toMatchObject({ ok: false, error: { code } })
        expect(await restore(config, at)).toMatchObject({ ok: false, error: { code } })
        expect(existsSync(config.server.secretFile)).toBe(false)
        expect(unfinishedRestore(config.server.dataDir)).toBeNull()
      })
    })

    test('of a restore that was killed nothing starts before it is done again', async () => {
      const config = configOf(`${place}-killed`, await url())
      writeFileSync(restoreMark(config.server.dataDir), '')
      writeFileSync(config.server.secretFile, 'half\n')
      expect(unfinishedRestore(config.server.dataDir)).toContain('did not end')
      expect(await restore(config, join(folder, `${place}-copy`))).toMatchObject({ ok: true })
      expect(unfinishedRestore(config.server.dataDir)).toBeNull()
      expect(await names(config)).toEqual(['first'])
      expect(readFileSync(config.server.secretFile, 'utf8')).toBe('the secret\n')
    })
  })
}

const databaseIn = (at: string): string =>
  existsSync(join(at, 'mailwok.db')) ? 'mailwok.db' : 'mailwok.pgdump'

function flip(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
  writeFileSync(path, bytes)
}

const cut = (path: string): void => writeFileSync(path, readFileSync(path).subarray(0, -100))

function change(at: string, fields: Partial<Manifest>): void {
  const manifest = JSON.parse(readFileSync(join(at, MANIFEST), 'utf8'))
  writeFileSync(join(at, MANIFEST), JSON.stringify({ ...manifest, ...fields }))
}
