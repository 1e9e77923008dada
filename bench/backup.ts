//
// Owns: what a backup of a large store does to mail that is accepted meanwhile.
// Run: bun run build && bun bench/backup.ts [gigabytes]
//
// The store is filled with contents that belong to nobody: a copy reads pages, whatever they hold. Mail flows for a while
// before the backup begins, and until it has ended.

import { Database } from 'bun:sqlite'
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { MAILWOK, type Mailwok, startMailwok } from './support/mailwok.ts'
import { sendPaced } from './support/paced-sender.ts'
import { withEnds } from './support/processes.ts'
import { ms, quantile, table, writeSection } from './support/results.ts'
import { openStage, sinkOn } from './support/stage.ts'

const gigabytes = Number(process.argv[2] ?? 2)
const PACE = { perSecond: 200, connections: 20, size: 4096 }
const CALM_SECONDS = 10
const ROW = 64 * 1024

function fill(file: string): void {
  const db = new Database(file)
  const add = db.prepare('INSERT INTO contents VALUES (?, ?, ?, ?, ?, ?)')
  const rows = Math.ceil((gigabytes * 1e9) / ROW)
  const now = Date.now()
  for (let at = 0; at < rows; at += 500) {
    db.transaction(() => {
      for (let row = at; row < Math.min(rows, at + 500); row += 1) {
        const bytes = crypto.getRandomValues(new Uint8Array(ROW))
        add.run(`cnt_zzz${String(row).padStart(9, '0')}`, 'submitted', new Uint8Array(32), ROW, now, bytes)
      }
    })()
  }
  db.run('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
}

const walOf = (folder: string): number =>
  statSync(join(folder, 'mailwok.db-wal'), { throwIfNoEntry: false })?.size ?? 0

interface Ran {
  readonly before: readonly number[]
  readonly during: readonly number[]
  readonly seconds: number
  readonly mostWal: number
}

async function round(mailwok: Mailwok, folder: string, number: number): Promise<Ran> {
  let at = 0
  const minute = async (seconds: number) => {
    const first = at
    at += seconds * PACE.perSecond
    const recipientOf = (index: number) => `n${number}x${first + index}@example.net`
    const sent = await sendPaced({
      ...PACE,
      port: mailwok.port,
      messages: seconds * PACE.perSecond,
      recipientOf,
    })
    return sent.map((one) => one.acceptedAt - one.writtenAt)
  }
  await minute(3)
  const before = await minute(CALM_SECONDS)
  let mostWal = 0
  const watch = setInterval(() => {
    mostWal = Math.max(mostWal, walOf(folder))
  }, 100)
  const begun = performance.now()
  let ended = 0
  const backup = Bun.spawn(
    [MAILWOK, 'backup', 'create', join(folder, `copy-${number}`), '--config', join(folder, 'mailwok.toml')],
    { cwd: folder, stdout: 'inherit', stderr: 'inherit' },
  )
  void backup.exited.then(() => {
    ended = performance.now()
  })
  const during: number[] = []
  while (ended === 0) during.push(...(await minute(2)))
  clearInterval(watch)
  if ((await backup.exited) !== 0) throw new Error('the backup failed')
  return { before, during, seconds: (ended - begun) / 1000, mostWal }
}

const ran = await withEnds(async (use) => {
  const stage = openStage(use)
  const folder = join(stage.folder, 'mailwok')
  mkdirSync(folder)
  await (await startMailwok({ ...stage, folder })).stop()
  fill(join(folder, 'mailwok.db'))
  const mailwok = await startMailwok({ ...stage, folder })
  use(() => mailwok.stop())
  const sink = await sinkOn(stage)
  void sink
  return round(mailwok, folder, 1)
})

const row = (name: string, times: readonly number[]) => [
  name,
  times.length,
  ...[0.5, 0.99, 0.999, 1].map((share) => ms(quantile(times, share))),
]
const body = `A store of ${gigabytes} GB, ${PACE.perSecond} messages/s of ${PACE.size} octets over ${PACE.connections} connections, signed and delivered on loopback, while
\`mailwok backup create\` runs: ${ran.seconds.toFixed(1)} s, hashes included; the write-ahead log grew to ${(ran.mostWal / 1e6).toFixed(0)} MB at most. "Accept" is from the last octet to MailWok's 250.

${table({ head: ['', 'messages', 'accept p50', 'p99', 'p99.9', 'most'], rows: [row('before', ran.before), row('during the backup', ran.during)] })}`
if (process.env['BENCH_DRY'] === '1') console.log(body)
else
  writeSection({
    script: 'backup',
    title: 'Backup of a store in use',
    command: ['bun bench/backup.ts', ...process.argv.slice(2)].join(' '),
    programs: ['mailwok'],
    body,
  })
