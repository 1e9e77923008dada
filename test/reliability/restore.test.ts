//
// A machine that is lost: what was acknowledged before a backup was begun is in it, waits again after it was restored on an
// empty place, and is delivered; keys work, events are there. Node and restore are killed in the middle besides.

import { expect } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { checkBackup } from '../../src/services/backup/checking.ts'
import { restoreMark } from '../../src/services/backup/mark.ts'
import { checkStore } from '../../src/store/check.ts'
import { freshDatabase, POSTGRES_URL, postgresBinaries } from '../support/postgres-cluster.ts'
import { chanceOf } from './chance.ts'
import { type Lab, say, until, withLab } from './lab.ts'
import { Load } from './load.ts'
import { COMMAND, type MailNode } from './node.ts'
import { SETPRIV, trial } from './trial.ts'
import { askPostgres, askSqlite } from './witness.ts'

const hasPostgres = Boolean(process.env[POSTGRES_URL]) || postgresBinaries() !== null
/** Mail that waits when the backup is made. */
const SOME = 100

trial(
  {
    claim:
      'a restore brings back every queued message, key and event, whatever is killed on the way (SQLite)',
    within: 90_000,
    needs: SETPRIV,
  },
  () => withLab((lab) => lose(lab, async () => null)),
)

trial(
  {
    claim:
      'a restore brings back every queued message, key and event, whatever is killed on the way (PostgreSQL)',
    within: 90_000,
    needs: { ...SETPRIV, PostgreSQL: hasPostgres },
  },
  () => withLab((lab) => lose(lab, () => freshDatabase())),
)

async function lose(lab: Lab, urlOf: () => Promise<string | null>): Promise<void> {
  const { ledger } = lab
  const chance = chanceOf()
  const house = join(lab.folder, 'house')
  mkdirSync(house)
  const settings = { 'api.admin_socket': `"${join(lab.folder, 'admin.sock')}"` }
  const start = (storeUrl: string | null): Promise<MailNode> =>
    lab.start({ dataDir: house, settings, ...(storeUrl === null ? {} : { storeUrl }) })
  const run = (...args: readonly string[]) =>
    Bun.spawn([...COMMAND, ...args, '--config', join(lab.folder, 'mailwok-0.toml'), '--json'], {
      cwd: lab.folder,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    })
  const done = async (...args: readonly string[]): Promise<unknown> => {
    const child = run(...args)
    const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()])
    if ((await child.exited) !== 0) throw new Error(`${args.join(' ')}: ${err}`)
    return JSON.parse(out)
  }
  const witness = (url: string | null) => (url === null ? askSqlite(house) : askPostgres(url))

  const url = await urlOf()
  const first = await start(url)
  const { key } = (await done('key', 'create', '--account', 'default')) as { key: string }
  const load = new Load({ ledger, chance, smtpClients: 3, restClients: 3, pause: 5 })
  lab.recorder.hold(true)
  load.start(first)
  await until('mail to wait', () => ledger.outstanding > SOME)

  // Killed in the middle of a backup: what is left is whole, or it says that it is none.
  const killed = join(lab.folder, 'killed')
  const half = run('backup', 'create', killed)
  await Bun.sleep(chance.between(1, 200))
  first.signal('SIGKILL')
  await Promise.all([first.exited, half.exited, load.stop()])
  const left = await checkBackup(killed)
  if (!left.ok) expect(left.error.code).toBe('no_backup')

  const second = await start(url)
  load.start(second)
  await until('mail to flow again', () => ledger.outstanding > 2 * SOME)
  const before = [...ledger.acknowledged.keys()]
  const copy = join(lab.folder, 'copy')
  const report = (await done('backup', 'create', copy)) as { owed: number }
  expect(report.owed).toBeGreaterThan(SOME)
  expect(await done('backup', 'verify', copy)).toMatchObject({ folder: copy })
  second.signal('SIGKILL')
  await Promise.all([second.exited, load.stop()])
  await until('the sessions of the dead node to end', () => lab.recorder.sessions === 0)

  // The machine is lost.
  rmSync(house, { recursive: true })
  mkdirSync(house)
  const place = await urlOf()
  if (place !== null) await relocate(lab, place)
  const cut = run('backup', 'restore', copy)
  await until(
    'the restore to begin, or to be over',
    () => existsSync(restoreMark(house)) || cut.exitCode !== null,
  )
  cut.kill('SIGKILL')
  await cut.exited
  const wasCut = existsSync(restoreMark(house))
  if (wasCut) expect((await done('status').catch(String)) as string).toContain('did not end')
  if (wasCut || !existsSync(join(house, 'secret'))) {
    await done('backup', 'restore', copy, ...(place !== null && wasCut ? ['--replace'] : []))
  }
  expect(readdirSync(house).filter((name) => name.endsWith('.restoring'))).toEqual([])
  expect(
    await checkStore(place ?? `sqlite:${join(house, 'mailwok.db')}`, {
      all: true,
      onContents: () => undefined,
    }),
  ).toEqual([])
  const { known } = await witness(place)
  expect(before.filter((recipient) => !known.has(recipient))).toEqual([])

  lab.recorder.hold(false)
  const last = await start(place)
  const received = () => before.filter((recipient) => !ledger.receipts.has(recipient))
  await until(
    'everything that was acknowledged before the backup to be received',
    () => received().length === 0,
  )
  const events = await fetch(`${last.api}/v1/events?limit=1`, { headers: { authorization: `Bearer ${key}` } })
  expect(events.status).toBe(200)
  expect(((await events.json()) as { data: unknown[] }).data).toHaveLength(1)
  expect(await last.stop()).toBe(0)
  expect(ledger.wrong).toEqual([])
  say(`restore, ${url === null ? 'SQLite' : 'PostgreSQL'}`, {
    seed: chance.seed,
    'acknowledged before the backup': before.length,
    'waiting in it': report.owed,
    lost: received().length,
    'the killed backup was': left.ok ? 'whole' : 'none',
    'the killed restore was': wasCut ? 'begun' : 'over, or not begun',
  })
}

/** The configuration names the new database, as an operator would write it. */
async function relocate(lab: Lab, url: string): Promise<void> {
  const file = Bun.file(join(lab.folder, 'mailwok-0.toml'))
  await Bun.write(file, (await file.text()).replace(/^store\.url = .*$/m, `store.url = "${url}"`))
}
