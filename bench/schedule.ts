//
// Owns: whether scheduled mail leaves on time, and what a million that wait cost the mail that is due.
// Run: bun bench/schedule.ts [messages] [waiting]
//
// On time: the executable takes messages for one second in batches, is killed (SIGKILL) before it, started again, and an
// MX on the same machine and clock notes when each arrives. Waiting: the store of a node on disk, with and without
// messages that are scheduled for later in the very lines that are asked.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LineId } from '../src/store/line.ts'
import { openStore } from '../src/store/open.ts'
import type { Store } from '../src/store/store.ts'
import { acceptanceOf, HOLDER, lineTo, storeOptions } from '../test/store/contract/samples.ts'
import { startBinary } from '../test/support/lab-binary.ts'
import { median, ms, quantile, table, whole, writeSection } from './support/results.ts'

const messages = Number(process.argv[2] ?? 10_000)
const waiting = Number(process.argv[3] ?? 1_000_000)
const BATCH = 500
/** Before its time the node is killed and started again. */
const BEFORE = 8000

interface OnTime {
  readonly first: number
  readonly half: number
  readonly last: number
  readonly early: number
  readonly arrived: number
}

async function onTime(count: number): Promise<OnTime> {
  await using lab = await startBinary({ 'log.level': 'info' })
  const at = Date.now() + 20_000 + count
  const arrivals: number[] = []
  const to = (place: number) => `r${place}@example.net`
  for (let from = 0; from < count; from += BATCH) {
    const some = Array.from({ length: Math.min(BATCH, count - from) }, (_, place) => ({
      to: to(from + place),
    }))
    const { status } = await lab.post('/v1/email/batch', {
      messages: some.map((one) => ({
        ...one,
        from: 'shop@example.com',
        subject: 'Now',
        text: 'It is time.',
        scheduled_at: new Date(at).toISOString(),
      })),
    })
    if (status !== 200) throw new Error(`a batch was answered ${status}`)
  }
  await Bun.sleep(at - BEFORE - Date.now())
  await lab.end('SIGKILL')
  await lab.start()
  const end = at + 120_000
  while (lab.mx.messages.length < count && Date.now() < end) {
    await Bun.sleep(5)
    const now = Date.now()
    while (arrivals.length < lab.mx.messages.length) arrivals.push(now - at)
  }
  return {
    first: arrivals[0] ?? Number.NaN,
    half: quantile(arrivals, 0.5),
    last: arrivals.at(-1) ?? Number.NaN,
    early: arrivals.filter((late) => late < 0).length,
    arrived: new Set(lab.mx.messages.map(({ forwardPaths }) => forwardPaths[0])).size,
  }
}

const NOW = Date.now()
const LATER = NOW + 30 * 86_400_000
const RECIPIENTS = 500
const ROUNDS = 200

async function fill(store: Store, count: number): Promise<void> {
  for (let done = 0; done < count; done += RECIPIENTS) {
    const to = Array.from({ length: RECIPIENTS }, (_, place) => `r${done + place}@one.example`)
    await store.queue.accept(
      acceptanceOf({
        to,
        dueAt: LATER,
        message: { createdAt: NOW, scheduledAt: LATER, expiresAt: LATER + 1 },
      }),
    )
  }
}

/** Accept one that is due, find its line, claim it: what a message costs that waits in the store. */
async function dueMail(store: Store): Promise<readonly [number, number]> {
  const line: LineId = lineTo('one.example')
  const looks: number[] = []
  const claims: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await store.queue.accept(
      acceptanceOf({ to: ['due@one.example'], dueAt: NOW - 1, message: { createdAt: NOW } }),
    )
    const began = performance.now()
    const none = new Set<string>()
    const lines = await store.queue.dueLines({ now: NOW, limit: 64, busy: none, busyMarketing: none })
    const looked = performance.now()
    const claimed = await store.queue.claim([{ line, limit: 10 }], NOW, HOLDER)
    claims.push(performance.now() - looked)
    looks.push(looked - began)
    if (lines.length !== 1 || claimed.length !== 1) throw new Error('it was not found')
  }
  return [median(looks), median(claims)]
}

const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'mailwok-schedule-bench-'))
const store = await openStore(`sqlite:${join(folder, 'bench.db')}`, storeOptions())
const empty = await dueMail(store)
await fill(store, waiting)
const full = await dueMail(store)
await store.close()
rmSync(folder, { recursive: true })
console.log({ empty, full })
const late = await onTime(messages)
console.log(late)

writeSection({
  script: 'schedule',
  title: 'Scheduled mail',
  command: ['bun bench/schedule.ts', ...process.argv.slice(2)].join(' '),
  programs: ['mailwok'],
  body: [
    `${whole(messages)} messages for one second, taken in batches of ${BATCH}; the node was killed and started again before it. After that second:`,
    '',
    table({
      head: ['first', 'half of them', 'last', 'before it', 'arrived'],
      rows: [[ms(late.first), ms(late.half), ms(late.last), late.early, whole(late.arrived)]],
    }),
    '',
    `A message that is due, in a line in which ${whole(waiting)} wait for later (SQLite, median of ${ROUNDS}):`,
    '',
    table({
      head: ['', 'alone', `beside ${whole(waiting)}`],
      rows: [
        ['finding its line', ms(empty[0]), ms(full[0])],
        ['claiming it', ms(empty[1]), ms(full[1])],
      ],
    }),
  ].join('\n'),
})
