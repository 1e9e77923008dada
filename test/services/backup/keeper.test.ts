//
// Backups by the clock: when, how many stay, where they are brought, and what is told when it goes wrong.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DAY, HOUR } from '../../../src/core/time.ts'
import { checkBackup } from '../../../src/services/backup/checking.ts'
import { BackupKeeper } from '../../../src/services/backup/keeper.ts'
import { S3Shelf } from '../../../src/services/backup/s3.ts'
import { openStore } from '../../../src/store/open.ts'
import type { Store } from '../../../src/store/store.ts'
import { storeOptions } from '../../store/contract/samples.ts'
import { handClock } from '../../support/clock.ts'
import { type FakeS3, startS3 } from '../../support/s3.ts'

let folder = ''
let store: Store
let s3: FakeS3
let alerts: string[] = []
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailwok-keeper-'))
  store = await openStore(`sqlite:${join(folder, 'mailwok.db')}`, storeOptions())
  writeFileSync(join(folder, 'secret'), 'the secret\n')
  s3 = startS3()
  alerts = []
})
afterEach(async () => {
  await store.close()
  await s3.stop()
  rmSync(folder, { recursive: true, force: true })
})

function rig(more: { readonly s3?: boolean; readonly secret?: string } = {}) {
  const clock = handClock(Date.UTC(2026, 10, 23, 2))
  const { log, meter } = storeOptions()
  const path = join(folder, 'backups')
  const elsewhere = more.s3
    ? new S3Shelf({
        url: `${s3.url}/bucket/some/place`,
        region: '',
        keyId: s3.keyId,
        secret: more.secret ?? s3.secret,
      })
    : null
  const sources = {
    store,
    secretFile: join(folder, 'secret'),
    configFile: null,
    tlsFolder: join(folder, 'tls'),
    hostname: 'mail.example.com',
    version: '0.1.0',
  }
  const alert = async (subject: string) => void alerts.push(subject)
  const keeper = new BackupKeeper({ sources, path, every: DAY, keep: 2, elsewhere, alert, clock, log, meter })
  const names = () => readdirSync(path).sort()
  return { clock, keeper, names, path, elsewhere }
}

test('one a day, and the newest stay', async () => {
  const { clock, keeper, names, path } = rig()
  await keeper.turn()
  await keeper.turn()
  expect(names()).toEqual(['2026-11-23T02-00-00Z'])
  // What a killed process leaves is no backup, and goes with the next one.
  mkdirSync(join(path, '2026-11-23T05-00-00Z.partial'))
  mkdirSync(join(path, 'a folder of somebody else'))
  for (let day = 0; day < 3; day += 1) {
    await clock.advance(DAY)
    await keeper.turn()
  }
  expect(names()).toEqual(['2026-11-25T02-00-00Z', '2026-11-26T02-00-00Z', 'a folder of somebody else'])
  expect((await keeper.list()).map(({ name }) => name)).toEqual([
    '2026-11-26T02-00-00Z',
    '2026-11-25T02-00-00Z',
  ])
  expect(await checkBackup(join(path, '2026-11-26T02-00-00Z'))).toMatchObject({ ok: true })
  expect((await keeper.state()).newestAt).toBe(Date.UTC(2026, 10, 26, 2))
}, 30_000)

test('a failure is told once, tried again every hour, and takes no backup away', async () => {
  const { clock, keeper, names } = rig()
  await keeper.turn()
  rmSync(join(folder, 'secret'))
  await clock.advance(DAY)
  await keeper.turn()
  expect(alerts).toEqual(['a backup failed'])
  expect((await keeper.state()).failed).toContain('ENOENT')
  for (const wait of [HOUR / 2, HOUR]) {
    await clock.advance(wait)
    await keeper.turn()
  }
  expect(alerts).toHaveLength(1)
  expect(names()).toEqual(['2026-11-23T02-00-00Z'])
  writeFileSync(join(folder, 'secret'), 'the secret\n')
  await keeper.turn()
  expect(names()).toHaveLength(1)
  await clock.advance(HOUR)
  await keeper.turn()
  expect(names()).toHaveLength(2)
  expect((await keeper.state()).failed).toBeNull()
}, 30_000)

describe('elsewhere', () => {
  test('each is brought there, pruned there, and comes back as it was', async () => {
    const { clock, elsewhere, keeper } = rig({ s3: true })
    // More than one part of an upload.
    mkdirSync(join(folder, 'tls'))
    writeFileSync(join(folder, 'tls', 'large.pem'), Buffer.alloc(12_000_000, 'a key\n'))
    for (let day = 0; day < 3; day += 1) {
      await keeper.turn()
      await clock.advance(DAY)
    }
    expect(s3.refused).toEqual([])
    expect(await elsewhere?.list()).toEqual(['2026-11-25T02-00-00Z', '2026-11-24T02-00-00Z'])
    expect([...s3.objects.keys()].filter((key) => key.includes('2026-11-23'))).toEqual([])
    expect((await keeper.list()).every((one) => one.here && one.elsewhere)).toBe(true)
    const back = join(folder, 'back')
    expect(await elsewhere?.get('2026-11-25T02-00-00Z', back)).toMatchObject({ ok: true })
    expect(await checkBackup(back)).toMatchObject({ ok: true })
    expect(await elsewhere?.get('2026-11-22T02-00-00Z', join(folder, 'none'))).toMatchObject({
      ok: false,
      error: { code: 'no_backup' },
    })
  }, 30_000)

  test('while it is away the backup stays here, and is brought later', async () => {
    const { clock, elsewhere, keeper, names } = rig({ s3: true })
    s3.failing = 400
    await keeper.turn()
    expect(names()).toHaveLength(1)
    expect(alerts).toEqual([`a backup could not be brought to ${s3.url}/bucket/some/place`])
    s3.failing = null
    await clock.advance(HOUR)
    await keeper.turn()
    expect(names()).toHaveLength(1)
    expect(await elsewhere?.list()).toEqual(names())
    expect((await keeper.state()).failed).toBeNull()
  }, 30_000)

  test('a wrong secret is a failure that is told', async () => {
    const { keeper } = rig({ s3: true, secret: 'wrong' })
    await keeper.turn()
    expect(alerts).toHaveLength(1)
    expect(s3.objects.size).toBe(0)
    expect(s3.refused[0]).toContain('the signature differs')
  }, 30_000)
})
