//
// Owns: how long a message takes on a calm appliance, and what a disk that needs 5 ms for each fsync does to it.
// Run: bun run build && bun bench/latency.ts [seconds]
//
// Sender and receiver live in this process and share one clock. Sending keeps its pace whatever the answers do. For
// "unsigned" the domain's keys are taken out of the store by SQL: the product itself offers no unsigned mail.

import { Database } from 'bun:sqlite'
import { join } from 'node:path'
import { type Mailwok, startMailwok } from './support/mailwok.ts'
import { sendPaced } from './support/paced-sender.ts'
import { quiet, until, withEnds } from './support/processes.ts'
import { startReceiver } from './support/receiver.ts'
import { median, ms, quantile, table, whole, writeSection } from './support/results.ts'
import { playRound } from './support/round.ts'
import { slowSync } from './support/slow-sync.ts'
import { openStage, type Stage, sinkOn } from './support/stage.ts'

const seconds = Number(process.argv[2] ?? 20)
const PACE = { perSecond: 200, connections: 20, size: 4096 }
const FSYNC_MS = 5
const ROUNDS = 3

interface Times {
  /** Last octet written until our 250. */
  readonly accept: readonly number[]
  /** Our 250 until the receiver's 250; nothing for what the receiver had before our 250 was read. */
  readonly deliver: readonly number[]
  /** From when the message was due until the receiver's 250. */
  readonly whole: readonly number[]
}

async function calm(stage: Stage, preload?: string): Promise<Times> {
  const mailwok = await startMailwok({
    ...stage,
    folder: join(stage.folder, 'mailwok'),
    ...(preload ? { preload } : {}),
  })
  stage.use(() => mailwok.stop())
  // Warm: compiled code, an open connection, a routed destination.
  await measure(stage, mailwok, PACE.perSecond * 3)
  return measure(stage, mailwok, PACE.perSecond * seconds)
}

async function measure(stage: Stage, mailwok: Mailwok, messages: number): Promise<Times> {
  const receiver = startReceiver(stage.sinkPort)
  try {
    const sent = await sendPaced({ ...PACE, messages, port: mailwok.port })
    await until('the last message', () => receiver.saidAt.size === messages)
    const arrivals = sent.map((one) => ({ ...one, saidAt: receiver.saidAt.get(one.recipient) ?? Number.NaN }))
    return {
      accept: arrivals.map((one) => one.acceptedAt - one.writtenAt),
      deliver: arrivals.map((one) => Math.max(0, one.saidAt - one.acceptedAt)),
      whole: arrivals.map((one) => one.saidAt - one.dueAt),
    }
  } finally {
    receiver.stop()
    await quiet(mailwok.pids)
  }
}

/** Messages per second into smtp-sink with the slow disk. */
async function throughput(stage: Stage, preload: string, signed: boolean): Promise<number> {
  const folder = join(stage.folder, signed ? 'signed' : 'unsigned')
  if (!signed) {
    await (await startMailwok({ ...stage, folder })).stop()
    const db = new Database(join(folder, 'mailwok.db'))
    db.run('DELETE FROM dkim_keys')
    db.close()
  }
  const mailwok = await startMailwok({ ...stage, folder, preload })
  stage.use(() => mailwok.stop())
  const sink = await sinkOn(stage)
  const load = { connections: PACE.connections, size: PACE.size }
  const rates: number[] = []
  for (let round = 0; round <= ROUNDS; round += 1) {
    const played = await playRound(mailwok, sink, { ...load, messages: round === 0 ? 3_000 : 10_000 })
    if (round > 0) rates.push(played.messages / played.endSeconds)
  }
  return median(rates)
}

const onStage = <T>(run: (stage: Stage, preload: string) => Promise<T>): Promise<T> =>
  withEnds(async (use) => {
    const stage = openStage(use)
    return run(stage, slowSync(stage.folder, FSYNC_MS))
  })

const row = (name: string, { accept, deliver, whole }: Times) => [
  name,
  ...[accept, deliver, whole].flatMap((those) => [0.5, 0.99].map((share) => ms(quantile(those, share)))),
]

const normal = await onStage((stage) => calm(stage))
console.log(row('this disk', normal).join(' | '))
const slow = await onStage(calm)
console.log(row('slow disk', slow).join(' | '))
const unsigned = await onStage((stage, preload) => throughput(stage, preload, false))
const signed = await onStage((stage, preload) => throughput(stage, preload, true))
writeSection({
  script: 'latency',
  title: 'Latency',
  command: ['bun bench/latency.ts', ...process.argv.slice(2)].join(' '),
  programs: ['mailwok'],
  body: `${PACE.perSecond} messages/s of ${PACE.size} octets over ${PACE.connections} connections for ${seconds} s, signed, one recipient each, on loopback.
"Accept" is from the last octet to MailWok's 250, "deliver" from there to the receiver's 250, "all" from the moment the
message was due to the receiver's 250.

${table({
  head: ['', 'accept p50', 'accept p99', 'deliver p50', 'deliver p99', 'all p50', 'all p99'],
  rows: [row('this disk', normal), row(`every fsync ${FSYNC_MS} ms later`, slow)],
})}

With every fsync delayed by ${FSYNC_MS} ms, smtp-source with ${PACE.connections} connections → MailWok → smtp-sink, median of ${ROUNDS} rounds:
${whole(unsigned)} messages/s unsigned, ${whole(signed)} messages/s signed.`,
})
