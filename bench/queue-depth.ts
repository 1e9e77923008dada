//
// Owns: what a million waiting messages cost healthy mail, the start, and memory.
// Run: bun run build && bun bench/queue-depth.ts [rounds] [rows]
//
// Three appliances in turns: an empty queue; a million rows that are due, all of one provider that takes connections
// and never greets; a million rows that were deferred and are due in an hour.

import { join } from 'node:path'
import { type Mailwok, startMailwok } from './support/mailwok.ts'
import { type Depth, DOMAINS, PROVIDER, preload } from './support/preload.ts'
import { quiet, rssOf, withEnds } from './support/processes.ts'
import { median, megabytes, ms, table, times, whole, writeSection } from './support/results.ts'
import type { Round } from './support/round.ts'
import { openStage, type Stage, sinkOn, takeTurns } from './support/stage.ts'

const rounds = Number(process.argv[2] ?? 5)
const rows = Number(process.argv[3] ?? 1_000_000)
const CUSTOMERS = 1_000
const HOUR = 3_600_000
const HUNG = '127.0.0.99'
const LOAD = { connections: 20, size: 4096 }

const ZONE = {
  [`*${DOMAINS}`]: { MX: [[10, `mx.${PROVIDER}`]], ttl: 86_400 },
  [`mx.${PROVIDER}`]: { A: [HUNG], ttl: 86_400 },
} as const

interface Started {
  readonly mailwok: Mailwok
  readonly idleRss: number
}

async function started(stage: Stage, name: string, depth: Depth | null): Promise<Started> {
  const options = { ...stage, name, zone: ZONE, folder: join(stage.folder, name.replace(/\W+/g, '-')) }
  if (depth) await preload(options, depth)
  else await (await startMailwok(options)).stop()
  const mailwok = await startMailwok(options)
  stage.use(() => mailwok.stop())
  await Bun.sleep(2_000)
  await quiet(mailwok.pids)
  console.log(`${name}: started in ${mailwok.startSeconds.toFixed(2)} s`)
  return { mailwok, idleRss: rssOf(mailwok.pids) }
}

/** Takes connections on the sink's port at another address, and says nothing; gives how many came. */
function hang(stage: Stage): () => number {
  let count = 0
  const socket = {
    open() {
      count += 1
    },
    data() {},
  }
  const listener = Bun.listen({ hostname: HUNG, port: stage.sinkPort, socket })
  stage.use(() => listener.stop(true))
  return () => count
}

function row({ mailwok, idleRss }: Started, played: readonly Round[], empty: readonly Round[]) {
  const rate = (those: readonly Round[]) => median(those.map((r) => r.messages / r.endSeconds))
  return [
    mailwok.name,
    whole(rate(played)),
    times(rate(empty) / rate(played)),
    ms(mailwok.startSeconds * 1000),
    megabytes(idleRss),
    megabytes(Math.max(...played.map((r) => r.rss))),
  ]
}

await withEnds(async (use) => {
  const stage = openStage(use)
  const hung = hang(stage)
  const depth = { rows, domains: CUSTOMERS }
  const sink = await sinkOn(stage)
  const all = [
    await started(stage, 'empty', null),
    await started(stage, `${whole(rows)} due, provider blocked`, { ...depth, dueFrom: Date.now() - HOUR }),
    await started(stage, `${whole(rows)} deferred`, { ...depth, dueFrom: Date.now() + HOUR }),
  ]
  const turns = all.map(({ mailwok }) => ({ peer: mailwok, messages: 8_000 }))
  const played = await takeTurns(turns, { sink, rounds, load: LOAD })
  if (hung() === 0)
    throw new Error('nothing was tried at the blocked provider: the rows are not where mail is claimed')
  const of = ({ mailwok }: Started) => played.get(mailwok) ?? []
  const [empty] = all
  writeSection({
    script: 'queue-depth',
    title: 'Depth of the queue',
    command: ['bun bench/queue-depth.ts', ...process.argv.slice(2)].join(' '),
    programs: ['mailwok'],
    body: `Relay of healthy mail (signed, ${LOAD.connections} connections, ${LOAD.size} octets) beside ${whole(rows)} waiting rows of ${whole(CUSTOMERS)} domains that
lead to one provider; ${rounds} rounds in turns. The blocked provider takes connections and never greets.

${table({
  head: ['queue', 'delivered/s', 'empty ÷ this', 'start', 'idle RSS', 'RSS at most'],
  rows: all.map((one) => row(one, of(one), empty ? of(empty) : [])),
})}`,
  })
})
