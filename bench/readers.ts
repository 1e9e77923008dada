//
// Owns: how many opens and clicks a second are taken, how long a reader waits for his redirect, and when the events are there.
// Run: bun run build && bun bench/readers.ts [seconds]
//
// The built executable with its database on disk; readers are a process of their own on the same cores. A request counts when
// its event is in the log.

import { Database } from 'bun:sqlite'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DeliveryId, deliveryId, type MessageId } from '../src/core/ids.ts'
import { clickHead, clickTail, copyName, openHead } from '../src/mail/tracking/link-token.ts'
import { openMasterSecret } from '../src/services/domains/secret-file.ts'
import { API_KEY, type Mailwok, startMailwok } from './support/mailwok.ts'
import { cpuByProgram, cpuSince, quiet, total, until, withEnds } from './support/processes.ts'
import { ms, perMessage, quantile, table, whole, writeSection } from './support/results.ts'
import { openStage, type Stage } from './support/stage.ts'

const seconds = Number(process.argv[2] ?? 15)
const COPIES = 50_000
const LINKS = 10
const CONNECTIONS = 64
/** The promise, and where it ends. */
const PACES = [5_000, 8_000]
const OPTIONS = { roles: ['api'] } as const

/** Copies of one message that came through the door, delivered an hour ago. */
async function preload({ folder, sinkPort }: Stage): Promise<readonly DeliveryId[]> {
  const mailwok = await startMailwok({ folder, sinkPort, ...OPTIONS })
  const said = await fetch(`${mailwok.api}/v1/email/send`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      from: 'shop@example.com',
      to: 'reader@example.net',
      subject: 'Hello',
      html: '<p>Hi</p>',
    }),
  })
  await mailwok.stop()
  if (said.status !== 200) throw new Error(await said.text())
  const { message_id: id } = (await said.json()) as { message_id: MessageId }
  const db = new Database(join(folder, 'mailwok.db'), { strict: true })
  db.query(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $rows)
     INSERT INTO deliveries (id, message_id, account_id, recipient, destination, state, attempts, due_at, finished_at, dsn, line)
     SELECT message_id || '.' || i, message_id, account_id, 'r' || i || '@example.net', destination, 'delivered', 1, NULL, $at,
            NULL, line
       FROM n, deliveries`,
  ).run({ rows: COPIES, at: Date.now() - 3_600_000 })
  db.close()
  return Array.from({ length: COPIES }, (_, at) => deliveryId(id, at + 1))
}

/** Of every second copy one link is clicked, the others are opened. */
async function pathsOf(folder: string, copies: readonly DeliveryId[]): Promise<readonly string[]> {
  const secrets = await openMasterSecret(join(folder, 'secret'))
  if (!secrets.ok) throw new Error(secrets.error)
  const key = secrets.value.deriveKey('tracking')
  return copies.map((copy, at) => {
    const name = copyName(copy)
    if (at % 2 === 0) return `/o/${openHead(name, key)}`
    const tail = clickTail(`https://shop.example.com/products/${at}?utm_source=mail`, (at % LINKS) + 1, LINKS)
    return `/c/${clickHead(name, tail, key)}${tail}`
  })
}

interface Said {
  readonly opens: readonly number[]
  readonly clicks: readonly number[]
  readonly wrong: number
  readonly seconds: number
}

async function read(mailwok: Mailwok, file: string, perSecond: number, count: number): Promise<Said> {
  const words = [new URL(mailwok.api).port, file, perSecond, count, CONNECTIONS].map(String)
  const child = Bun.spawn(['bun', join(import.meta.dir, 'support', 'paced-readers.ts'), ...words], {
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const said = await new Response(child.stdout).text()
  if ((await child.exited) !== 0) throw new Error('the readers ended early')
  return JSON.parse(said) as Said
}

const eventsIn = (db: Database): number =>
  db
    .query<{ n: number }, []>(
      "SELECT count(*) AS n FROM events WHERE type IN ('email.opened', 'email.clicked')",
    )
    .get()?.n ?? 0

interface Played extends Said {
  readonly perSecond: number
  /** From the last answer until the last event could be read. */
  readonly behind: number
  readonly cpuSeconds: number
  readonly count: number
}

async function play(mailwok: Mailwok, file: string, db: Database, perSecond: number): Promise<Played> {
  const count = perSecond * seconds
  await quiet(mailwok.pids)
  const goal = eventsIn(db) + count
  const before = cpuByProgram(mailwok.pids)
  const said = await read(mailwok, file, perSecond, count)
  const end = performance.now()
  await until('the last event', () => eventsIn(db) >= goal)
  const behind = performance.now() - end
  if (said.wrong > 0 || eventsIn(db) !== goal)
    throw new Error(`${said.wrong} wrong answers, ${eventsIn(db)} events`)
  await quiet(mailwok.pids)
  return {
    ...said,
    perSecond,
    behind,
    count,
    cpuSeconds: total(cpuSince(before, cpuByProgram(mailwok.pids))),
  }
}

/** Ahead of all else that runs (SCHED_FIFO, SCHED_RR): the way to measure on a machine that is not quiet. */
const isAhead = /^policy\s*:\s*[12]$/m.test(readFileSync('/proc/self/sched', 'utf8'))

const rows = await withEnds(async (use) => {
  const stage = openStage(use)
  const copies = await preload(stage)
  const file = join(stage.folder, 'paths')
  writeFileSync(file, (await pathsOf(stage.folder, copies)).join('\n'))
  const mailwok = await startMailwok({ folder: stage.folder, sinkPort: stage.sinkPort, ...OPTIONS })
  use(() => mailwok.stop())
  const db = new Database(join(stage.folder, 'mailwok.db'), { readonly: true })
  use(() => db.close())
  // Warm: compiled code, pages of the database in memory.
  await read(mailwok, file, 5_000, COPIES)
  const played: (readonly (string | number)[])[] = []
  for (const pace of PACES) {
    const one = await play(mailwok, file, db, pace)
    const times = [one.clicks, one.opens].flatMap((those) =>
      [0.5, 0.99].map((share) => ms(quantile(those, share))),
    )
    played.push([
      `${whole(pace)}/s`,
      whole(one.count / one.seconds),
      ...times,
      ms(one.behind),
      perMessage(one.cpuSeconds, one.count),
    ])
    console.log(played.at(-1)?.join(' | '))
  }
  return played
})

writeSection({
  script: 'readers',
  title: 'Opens and clicks',
  command: [isAhead ? 'chrt -r 5 bun' : 'bun', 'bench/readers.ts', ...process.argv.slice(2)].join(' '),
  programs: ['mailwok'],
  body: `Half pixels, half links, of ${whole(COPIES)} copies, over ${CONNECTIONS} connections for ${seconds} s at a fixed pace; each request is an event in the log,
judged and committed with synchronous=FULL. Times are from the moment a request was due until its answer was there; "behind"
is from the last answer until the last event could be read by another process. Readers share the cores.${isAhead ? ' Real-time scheduling: whatever else ran here had to wait.' : ''}

${table({ head: ['asked for', 'answered and told', 'redirect p50', 'redirect p99', 'pixel p50', 'pixel p99', 'behind', 'CPU per request'], rows })}`,
})
