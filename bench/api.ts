//
// Owns: what POST /v1/email/send costs: durable answers per second over 32 keep-alive connections.
// Run: bun run build && bun bench/api.ts [seconds] [rounds]
//
// Every 200 stands for a commit with synchronous=FULL. Delivery off is a node without the role "delivery"; with it the
// mail goes on, signed, to smtp-sink, and must all arrive.

import type { Mailwok } from './support/mailwok.ts'
import { cpuByProgram, cpuSince, quiet, total, until, withEnds } from './support/processes.ts'
import { median, ms, perMessage, table, whole, writeSection } from './support/results.ts'
import type { Sink } from './support/smtp-tools.ts'
import { mailwokOn, openStage, sinkOn } from './support/stage.ts'
import { type HttpFigures, loadByWrk } from './support/wrk.ts'

const seconds = Number(process.argv[2] ?? 8)
const rounds = Number(process.argv[3] ?? 3)
const CONNECTIONS = 32

const PARAGRAPH = 'Thank you for your order. It left our house this morning and should be with you tomorrow. '
const message = (name: string, order: string) => ({
  from: 'Shop <shop@example.com>',
  to: 'Reader <reader@example.net>',
  subject: `Your order ${order}`,
  text: `Dear ${name},\n\n${PARAGRAPH.repeat(10)}\n\nOrder: ${order}\n`,
  html: `<html><body><p>Dear ${name},</p>${`<p>${PARAGRAPH}</p>`.repeat(20)}<p>Order: <a href="https://shop.example.com/orders/">${order}</a></p></body></html>`,
})
const plain = message('Ada', '4711')
const merged = { ...message('{{name}}', '{{order}}'), data: { name: 'Ada', order: '4711' } }

interface Case {
  readonly name: string
  readonly body: unknown
  readonly delivery: boolean
}

const CASES: readonly Case[] = [
  { name: 'delivery off', body: plain, delivery: false },
  { name: 'delivery off, merge data', body: merged, delivery: false },
  { name: 'delivery on', body: plain, delivery: true },
  { name: 'delivery on, merge data', body: merged, delivery: true },
]

interface Played extends HttpFigures {
  readonly cpuSeconds: number
  /** From the first request until the last message was at the sink. */
  readonly deliveredPerSecond: number | null
}

const play = ({ body, delivery }: Case): Promise<readonly Played[]> =>
  withEnds(async (use) => {
    const stage = openStage(use)
    const sink = await sinkOn(stage)
    const roles = delivery ? ['api', 'delivery'] : ['api']
    const mailwok = await mailwokOn(stage, { roles })
    const load = { url: `${mailwok.api}/v1/email/send`, body, connections: CONNECTIONS, folder: stage.folder }
    await loadByWrk({ ...load, seconds: 2 })
    const played: Played[] = []
    for (let round = 0; round < rounds; round += 1) {
      await quiet(mailwok.pids, 240_000)
      played.push(await playOnce(mailwok, delivery ? sink : null, { ...load, seconds }))
    }
    return played
  })

async function playOnce(
  mailwok: Mailwok,
  sink: Sink | null,
  load: Parameters<typeof loadByWrk>[0],
): Promise<Played> {
  const before = cpuByProgram(mailwok.pids)
  const goal = sink?.received() ?? 0
  const start = performance.now()
  const figures = await loadByWrk(load)
  const cpu = total(cpuSince(before, cpuByProgram(mailwok.pids)))
  if (sink === null) return { ...figures, cpuSeconds: cpu, deliveredPerSecond: null }
  // wrk does not count the answers that were still under way when it ended: at most one per connection.
  await until('the last message', () => sink.received() >= goal + figures.answers, 240_000)
  const deliveredPerSecond = (figures.answers / (performance.now() - start)) * 1000
  await quiet(mailwok.pids)
  const cpuSeconds = total(cpuSince(before, cpuByProgram(mailwok.pids)))
  return { ...figures, cpuSeconds, deliveredPerSecond }
}

const rows: (readonly (string | number)[])[] = []
for (const one of CASES) {
  const played = await play(one)
  const of = (value: (played: Played) => number) => median(played.map(value))
  const cpu = perMessage(
    of(({ cpuSeconds, answers }) => cpuSeconds / answers),
    1,
  )
  const delivered = one.delivery ? whole(of((each) => each.deliveredPerSecond ?? 0)) : '–'
  rows.push([
    one.name,
    whole(of((each) => each.perSecond)),
    ms(of((each) => each.p50Ms)),
    ms(of((each) => each.p99Ms)),
    delivered,
    cpu,
  ])
  console.log(rows.at(-1)?.join(' | '))
}
writeSection({
  script: 'api',
  title: 'REST API',
  command: ['bun bench/api.ts', ...process.argv.slice(2)].join(' '),
  programs: ['mailwok', 'wrk'],
  body: `POST /v1/email/send over ${CONNECTIONS} keep-alive connections, text of ${plain.text.length} and html of ${plain.html.length} characters, one recipient; ${rounds} rounds
of ${seconds} s. Answers are 200s, each after its commit; one that is not 200 fails the run. wrk has the same cores.

${table({ head: ['', 'answers/s', 'p50', 'p99', 'delivered/s until all have arrived', 'CPU per message'], rows })}`,
})
