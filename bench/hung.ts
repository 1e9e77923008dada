//
// Owns: what a thousand hung destinations cost those that are well.
// Run: bun run build && bun bench/hung.ts [seconds]
//
// The hung ones hang in every state of a mail transaction, from the SYN that nobody answers to QUIT, with mail waiting for
// each. Healthy mail flows at a fixed pace to a destination that is known, then to such that were never written to, then as
// fast as it goes, with and without them.

import { join } from 'node:path'
import type { Zone } from '../test/support/dns.ts'
import { type Mailwok, startMailwok } from './support/mailwok.ts'
import { sendPaced } from './support/paced-sender.ts'
import { rssOf, until, withEnds } from './support/processes.ts'
import { type Receiver, startReceiver } from './support/receiver.ts'
import { ms, quantile, table, whole, writeSection } from './support/results.ts'
import { openStage, type Stage } from './support/stage.ts'

const seconds = Number(process.argv[2] ?? 60)
const HUNG = 1_000
const EACH = 3
const PACE = { perSecond: 200, connections: 20, size: 4096 }
const STRANGERS = 200
const FLOODS = 3
const FLOOD = { messages: 10_000, connections: 40, size: 4096, perSecond: 1_000_000 }
const FARM = join(import.meta.dir, '..', 'test', 'support', 'hung-farm.py')

interface Healthy {
  readonly perSecond: number
  readonly accept: readonly number[]
  readonly deliver: readonly number[]
}

interface Result {
  readonly paced: Healthy
  readonly rssAtPace: number
  readonly strangers: Healthy
  readonly floods: readonly Healthy[]
  readonly rss: number
}

/** Addresses by the state in which they hang. */
async function openFarm(stage: Stage): Promise<Readonly<Record<string, readonly string[]>>> {
  const farm = Bun.spawn(['python3', FARM, String(stage.sinkPort), String(HUNG)], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  stage.use(async () => {
    await farm.stdin.end()
    await farm.exited
  })
  const { value } = await farm.stdout.getReader().read()
  return JSON.parse(Buffer.from(value ?? []).toString('utf8')) as Record<string, string[]>
}

const hosted = (domain: string, address: string) => [
  [domain, { MX: [[10, `mx.${domain}`]], ttl: 86_400 }],
  [`mx.${domain}`, { A: [address], ttl: 86_400 }],
]

function zoneOf(addresses: readonly string[]): Zone {
  const hung = addresses.flatMap((address, index) => hosted(`hung${index}.test`, address))
  const strangers = Array.from({ length: STRANGERS }, (_, index) => hosted(`new${index}.test`, '127.0.0.1'))
  return Object.fromEntries([...hung, ...strangers.flat()]) as Zone
}

async function run(stage: Stage, hung: readonly string[]): Promise<Result> {
  const folder = join(stage.folder, hung.length === 0 ? 'alone' : 'beside-hung')
  const mailwok = await startMailwok({ folder, sinkPort: stage.sinkPort, zone: zoneOf(hung) })
  const receiver = startReceiver(stage.sinkPort)
  try {
    await healthy(mailwok, receiver, { ...PACE, messages: PACE.perSecond * 3 })
    if (hung.length > 0) await fillHung(mailwok, hung.length)
    const paced = await healthy(mailwok, receiver, { ...PACE, messages: PACE.perSecond * seconds })
    const rssAtPace = rssOf(mailwok.pids)
    const strangers = await healthy(mailwok, receiver, {
      ...PACE,
      messages: PACE.perSecond * 10,
      domainOf: (index) => `new${index % STRANGERS}.test`,
    })
    const floods: Healthy[] = []
    for (let round = 0; round < FLOODS; round++) floods.push(await healthy(mailwok, receiver, FLOOD))
    return { paced, rssAtPace, strangers, floods, rss: rssOf(mailwok.pids) }
  } finally {
    receiver.stop()
    await mailwok.stop()
  }
}

/** Mail for every hung destination, accepted; then a while for its attempts to be where they hang. */
async function fillHung({ port }: Mailwok, destinations: number): Promise<void> {
  await sendPaced({
    ...PACE,
    port,
    perSecond: 1_000,
    messages: destinations * EACH,
    recipientOf: (index) => `r${index}@hung${index % destinations}.test`,
  })
  await Bun.sleep(5_000)
}

let series = 0

async function healthy(
  mailwok: Mailwok,
  receiver: Receiver,
  pace: Omit<Parameters<typeof sendPaced>[0], 'port'> & { readonly domainOf?: (index: number) => string },
): Promise<Healthy> {
  series += 1
  const name = (index: number): string => `s${series}-${index}@${pace.domainOf?.(index) ?? 'example.net'}`
  const start = performance.now()
  const sent = await sendPaced({ ...pace, port: mailwok.port, recipientOf: name })
  await until(
    'the last healthy message',
    () => sent.every(({ recipient }) => receiver.saidAt.has(recipient)),
    300_000,
  )
  const arrivals = sent.map((one) => ({ ...one, saidAt: receiver.saidAt.get(one.recipient) ?? Number.NaN }))
  const end = Math.max(...arrivals.map(({ saidAt }) => saidAt))
  return {
    perSecond: (sent.length * 1000) / (end - start),
    accept: arrivals.map((one) => one.acceptedAt - one.writtenAt),
    deliver: arrivals.map((one) => Math.max(0, one.saidAt - one.acceptedAt)),
  }
}

const [alone, beside, states] = await withEnds(async (use) => {
  const stage = openStage(use)
  const first = await run(stage, [])
  const farm = await openFarm(stage)
  const second = await run(stage, Object.values(farm).flat())
  return [first, second, Object.keys(farm)] as const
})

const most = ({ floods }: Result): number =>
  quantile(
    floods.map(({ perSecond }) => perSecond),
    0.5,
  )

const megabytes = (octets: number): string => `${whole(octets / 1024 / 1024)} MB`

const row = (name: string, { paced, rssAtPace, strangers, floods, rss }: Result) => [
  name,
  paced.perSecond.toFixed(1),
  ms(quantile(paced.accept, 0.5)),
  ms(quantile(paced.accept, 0.99)),
  ms(quantile(paced.deliver, 0.99)),
  megabytes(rssAtPace),
  strangers.perSecond.toFixed(1),
  ms(quantile(strangers.deliver, 0.99)),
  floods.map(({ perSecond }) => whole(perSecond)).join(', '),
  megabytes(rss),
]

writeSection({
  script: 'hung',
  title: 'A thousand hung destinations',
  command: ['bun bench/hung.ts', ...process.argv.slice(2)].join(' '),
  programs: ['mailwok'],
  body: `${whole(HUNG)} destinations, each with an MX of its own and ${EACH} messages waiting, hang in turn at ${states.join(', ')}, with the time-outs of
RFC 5321. Healthy mail goes to one more destination: ${PACE.perSecond} messages/s of ${PACE.size} octets for ${seconds} s; at the
same pace to ${STRANGERS} destinations that were never written to before, for 10 s; then ${FLOODS} times ${whole(FLOOD.messages)} messages over ${FLOOD.connections} connections as fast as they go.

${table({
  head: [
    '',
    'healthy/s at pace',
    'accept p50',
    'accept p99',
    'deliver p99',
    'RSS',
    'to strangers/s',
    'deliver p99',
    'healthy/s at most',
    'RSS',
  ],
  rows: [row('alone', alone), row('beside the hung ones', beside)],
})}

Healthy throughput beside the hung ones: ${((100 * beside.paced.perSecond) / alone.paced.perSecond).toFixed(1)} % at pace, ${((100 * most(beside)) / most(alone)).toFixed(1)} % at most (medians).`,
})
