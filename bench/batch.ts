//
// Owns: what POST /v1/email/batch accepts: durable messages per second in batches of 500.
// Run: bun run build && bun bench/batch.ts [seconds] [rounds]
//
// Every 200 stands for a commit with synchronous=FULL of all its messages. A node without the role "delivery", so that
// the figure is that of accepting; bench/api.ts says what single sends cost.

import { API_KEY, type Mailwok } from './support/mailwok.ts'
import { cpuByProgram, cpuSince, quiet, total, withEnds } from './support/processes.ts'
import { median, ms, perMessage, table, whole, writeSection } from './support/results.ts'
import { mailwokOn, openStage, postgresOn } from './support/stage.ts'
import { type HttpFigures, loadByWrk } from './support/wrk.ts'

const seconds = Number(process.argv[2] ?? 8)
const rounds = Number(process.argv[3] ?? 3)
const MESSAGES = 500

const PARAGRAPH = 'Thank you for your order. It left our house this morning and should be with you tomorrow. '
const text = `Dear {{ name }},\n\n${PARAGRAPH.repeat(10)}\n\nOrder: {{ order }}\n`
const html = `<html><body><p>Dear {{ name }},</p>${`<p>${PARAGRAPH}</p>`.repeat(20)}<p>Order: <a href="https://shop.example.com/orders/{{ order }}">{{ order }}</a></p></body></html>`
const many = <T>(make: (at: number) => T): readonly T[] =>
  Array.from({ length: MESSAGES }, (_, at) => make(at))
const filled = (source: string, at: number): string =>
  source.replaceAll('{{ name }}', `Reader ${at}`).replaceAll('{{ order }}', String(4711 + at))

const from = 'Shop <shop@example.com>'
const shared = {
  from,
  subject: 'Your order {{ order }}',
  text,
  html,
  messages: many((at) => ({
    to: `Reader ${at} <reader${at}@example.net>`,
    data: { name: `Reader ${at}`, order: 4711 + at },
  })),
}
const apart = {
  from,
  messages: many((at) => ({
    to: `Reader ${at} <reader${at}@example.net>`,
    subject: `Your order ${4711 + at}`,
    text: filled(text, at),
    html: filled(html, at),
  })),
}

interface Case {
  readonly name: string
  readonly body: unknown
  readonly connections: number
  readonly postgres?: true
}

const CASES: readonly Case[] = [
  { name: 'content in common, data of each', body: shared, connections: 4 },
  { name: 'the same, one connection', body: shared, connections: 1 },
  { name: 'the same on PostgreSQL', body: shared, connections: 4, postgres: true },
  { name: 'content of each its own', body: apart, connections: 4 },
]

interface Played extends HttpFigures {
  readonly cpuSeconds: number
}

const play = ({ body, connections, postgres }: Case): Promise<readonly Played[]> =>
  withEnds(async (use) => {
    const stage = openStage(use)
    const database = postgres ? { store: await postgresOn(stage) } : {}
    const mailwok = await mailwokOn(stage, { roles: ['api'], ...database })
    await prove(mailwok, body)
    const load = { url: `${mailwok.api}/v1/email/batch`, body, connections, folder: stage.folder }
    await loadByWrk({ ...load, seconds: 2 })
    const played: Played[] = []
    for (let round = 0; round < rounds; round += 1) {
      await quiet(mailwok.pids, 60_000)
      const before = cpuByProgram(mailwok.pids)
      const figures = await loadByWrk({ ...load, seconds })
      played.push({ ...figures, cpuSeconds: total(cpuSince(before, cpuByProgram(mailwok.pids))) })
    }
    return played
  })

/** A 200 may refuse messages; here it must not. */
async function prove({ api }: Mailwok, body: unknown): Promise<void> {
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' }
  const answer = await fetch(`${api}/v1/email/batch`, { method: 'POST', headers, body: JSON.stringify(body) })
  const said = (await answer.json()) as { accepted?: number }
  if (said.accepted !== MESSAGES) throw new Error(`${answer.status}: ${JSON.stringify(said).slice(0, 500)}`)
}

const rows: (readonly (string | number)[])[] = []
for (const one of CASES) {
  const played = await play(one)
  const of = (value: (played: Played) => number) => median(played.map(value))
  const cpu = of(({ answers, cpuSeconds }) => cpuSeconds / (answers * MESSAGES))
  rows.push([
    one.name,
    whole(of((each) => each.perSecond * MESSAGES)),
    ms(of((each) => each.p50Ms)),
    ms(of((each) => each.p99Ms)),
    perMessage(cpu, 1),
  ])
  console.log(rows.at(-1)?.join(' | '))
}
writeSection({
  script: 'batch',
  title: 'Batches',
  command: ['bun bench/batch.ts', ...process.argv.slice(2)].join(' '),
  programs: ['mailwok', 'wrk'],
  body: `POST /v1/email/batch with ${MESSAGES} messages, text of ${text.length} and html of ${html.length} characters, one recipient each;
${rounds} rounds of ${seconds} s over 4 keep-alive connections where nothing else is said. An answer is one commit; one that
is not 200 fails the run. wrk has the same cores.

${table({ head: ['', 'messages/s', 'answer p50', 'answer p99', 'CPU per message'], rows })}`,
})
