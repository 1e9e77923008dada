//
// Owns: set-ups whose files, disk, store or configuration are broken.

import { Database } from 'bun:sqlite'
import { chmodSync, chownSync, cpSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { type DoctorHouse, damage } from '../../support/doctor-house.ts'
import { type Broken, literal } from './scenario.ts'

const run = (...command: readonly string[]): void => {
  const { exitCode, stderr } = Bun.spawnSync([...command], { stdout: 'ignore' })
  if (exitCode !== 0) throw new Error(stderr.toString())
}

/** A disk of its own under the data folder. */
async function mounted(house: DoctorHouse, megabytes: number): Promise<string> {
  const place = house.path('data')
  cpSync(place, house.path('kept'), { recursive: true })
  run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0750`, 'tmpfs', place)
  house.later(() => run('umount', '-l', place))
  cpSync(house.path('kept'), place, { recursive: true })
  return place
}

export const brokenFiles: readonly Broken[] = [
  {
    name: 'a disk that was set read-only',
    ailment: 'disk_read_only',
    state: 'fail',
    subject: (house) => house.path('data'),
    why: /mounted read-only/,
    fix: /mount -o remount,rw/,
    needs: 'mount',
    besides: ['store_unreachable', 'disk_full'],
    breaks: async (house) => run('mount', '-o', 'remount,ro', await mounted(house, 80)),
  },
  {
    name: 'a disk that is full',
    ailment: 'disk_full',
    state: 'fail',
    subject: (house) => house.path('data'),
    why: /new mail is refused until there is more/,
    fix: /du -xh/,
    needs: 'mount',
    besides: ['store_unreachable'],
    breaks: async (house) => {
      await mounted(house, 60)
    },
  },
  {
    name: 'a master secret that others can read',
    ailment: 'file_too_open',
    state: 'fail',
    subject: (house) => house.path('data/secret'),
    why: /others of this machine can read it and act as this server/,
    fix: /chmod 0600/,
    besides: ['store_unreachable'],
    breaks: (house) => chmodSync(house.path('data/secret'), 0o644),
  },
  {
    name: 'a data folder that is open to all',
    ailment: 'file_too_open',
    state: 'warn',
    subject: (house) => house.path('data'),
    why: /has mode 0755/,
    fix: /chmod 0750/,
    breaks: (house) => chmodSync(house.path('data'), 0o755),
  },
  {
    name: 'a store that a command of root left behind',
    ailment: 'file_foreign',
    state: 'fail',
    subject: (house) => house.path('data/mailwok.db'),
    why: /belongs to user 0 and its folder to 65534/,
    fix: (house) => literal(`chown --reference=${house.path('data')} ${house.path('data/mailwok.db')}`),
    besides: ['store_unreachable'],
    breaks: (house) => {
      chownSync(house.path('data'), 65534, 65534)
      chownSync(house.path('data/secret'), 65534, 65534)
    },
  },
  {
    name: 'a master secret that is gone',
    ailment: 'master_secret_lost',
    state: 'fail',
    subject: (house) => house.path('data/secret'),
    why: /DKIM keys and webhook secrets were sealed with it/,
    fix: /backup restore/,
    breaks: (house) => rmSync(house.path('data/secret')),
  },
  {
    name: 'a missing data folder',
    ailment: 'folder_missing',
    state: 'fail',
    subject: (house) => house.path('data'),
    why: /is not there/,
    fix: /install -d -m 0750/,
    besides: ['store_missing', 'disk_low'],
    breaks: (house) => renameSync(house.path('data'), house.path('elsewhere')),
  },
  {
    name: 'a store that was damaged',
    ailment: 'store_damaged',
    state: 'fail',
    subject: (house) => house.path('data/mailwok.db'),
    why: /is damaged/,
    fix: /backup restore FOLDER --replace/,
    breaks: (house) => {
      const db = new Database(house.path('data/mailwok.db'))
      db.run('PRAGMA wal_checkpoint(TRUNCATE)')
      db.close()
      damage(house.path('data/mailwok.db'), 5 * 4096)
    },
  },
  {
    name: 'a store that is no store',
    ailment: 'store_damaged',
    state: 'fail',
    subject: (house) => house.path('data/mailwok.db'),
    why: /not a database/,
    fix: /backup restore FOLDER --replace/,
    breaks: (house) => {
      for (const end of ['-wal', '-shm']) rmSync(house.path(`data/mailwok.db${end}`), { force: true })
      writeFileSync(house.path('data/mailwok.db'), 'hello, this is a letter\n'.repeat(400))
    },
  },
  {
    name: 'a store of a newer release',
    ailment: 'store_schema',
    state: 'fail',
    subject: (house) => house.path('data/mailwok.db'),
    why: /a newer release wrote it/,
    fix: /Start the newer release again/,
    breaks: (house) => {
      const db = new Database(house.path('data/mailwok.db'))
      db.run("INSERT INTO schema_migrations (version, name) VALUES (999, 'of the future')")
      db.close()
    },
  },
  {
    name: 'the wrong configuration',
    ailment: 'store_missing',
    state: 'warn',
    subject: (house) => house.path('data/other.db'),
    why: /There is no store/,
    fix: /config show --origin/,
    breaks: (house) => {
      house.settings['store.url'] = `sqlite:${house.path('data/other.db')}`
    },
  },
  {
    name: 'nobody in charge',
    ailment: 'operator_missing',
    state: 'warn',
    subject: () => 'server.operator',
    why: /nobody is told/,
    fix: /operator = "you@example\.org"/,
    breaks: (house) => {
      house.settings['server.operator'] = ''
    },
  },
  {
    name: 'no sending domain',
    ailment: 'domain_none',
    state: 'warn',
    subject: () => 'domains',
    why: /nothing can be sent yet/,
    fix: /mailwok domain add/,
    breaks: (house) => {
      const db = new Database(house.path('data/mailwok.db'))
      db.run('PRAGMA foreign_keys = OFF')
      db.run('DELETE FROM domains')
      db.close()
    },
  },
]
