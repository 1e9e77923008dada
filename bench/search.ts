//
// Owns: how long it takes to find mail among ten million messages, and what that does to those who send meanwhile.
// Run: bun run build && bun bench/search.ts [messages]
//
// A year of mail is written by SQL; the index is built by the product, as fast as it can instead of in its spare time.
// Each kind of question is asked by the API with other values each time, so that no answer can be one that was kept.

import { Database, type Statement } from 'bun:sqlite'
import { join } from 'node:path'
import { DAY } from '../src/core/time.ts'
import { openStore } from '../src/store/open.ts'
import { storeOptions } from '../test/store/contract/samples.ts'
import { API_KEY, type Mailwok, startMailwok } from './support/mailwok.ts'
import { sendPaced } from './support/paced-sender.ts'
import { quiet, withEnds } from './support/processes.ts'
import { startReceiver } from './support/receiver.ts'
import { megabytes, ms, quantile, table, whole, writeSection } from './support/results.ts'
import { sendLoad } from './support/smtp-tools.ts'
import { openStage, type Stage } from './support/stage.ts'

const messages = Number(process.argv[2] ?? 10_000_000)
const ASKED = 40
const SECONDS = 20
const PACE = { perSecond: 100, connections: 10, size: 4096 }

/** The same ones in every run. */
let seed = 7
const dice = (): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return seed / 2_147_483_648
}
const below = (count: number): number => Math.floor(count * dice())

const PEOPLE = 3_000_000
const HOSTS = 300
const WORDS = 20_000
const TAGS = 40
const now = Date.now()
const begin = now - 365 * DAY
const every = (365 * DAY - 120_000) / messages
const idOf = (number: number): string =>
  `msg_${Math.floor(begin + number * every)
    .toString(36)
    .padStart(8, '0')}b${(number % 46_656).toString(36).padStart(3, '0')}`
const personOf = (person: number): string => `person-${person}@host-${person % HOSTS}.example`
const stateOf = (chance: number): string =>
  chance < 0.96 ? 'delivered' : chance < 0.98 ? 'bounced' : chance < 0.995 ? 'suppressed' : 'failed'

/** A tenant beside the one that asks has a tenth. */
function fill(file: string): void {
  const db = new Database(file, { strict: true })
  db.run('PRAGMA synchronous = OFF')
  db.run('PRAGMA cache_size = -400000')
  const columns = (name: string): readonly string[] =>
    db
      .query<{ name: string }, []>(`SELECT name FROM pragma_table_info('${name}')`)
      .all()
      .map((one) => one.name)
  const pattern = {
    message: db.query('SELECT * FROM messages LIMIT 1').get() as Record<string, never>,
    delivery: db.query('SELECT * FROM deliveries LIMIT 1').get() as Record<string, never>,
  }
  const into = (name: string): Statement =>
    db.query(
      `INSERT INTO ${name} VALUES (${columns(name)
        .map((one) => `$${one}`)
        .join(', ')})`,
    )
  const [addMessage, addDelivery] = [into('messages'), into('deliveries')]
  const add = db.transaction((from: number, to: number) => {
    for (let number = from; number < to; number++) {
      const id = idOf(number)
      const at = Math.floor(begin + number * every)
      const account = dice() < 0.1 ? 'acc_of_others000' : pattern.message['account_id']
      const recipient = personOf(below(PEOPLE))
      addMessage.run({
        ...pattern.message,
        id,
        account_id: account,
        created_at: at,
        expires_at: at + 5 * DAY,
        subject: `Order ${number} of word-${below(WORDS)} and word-${below(WORDS)}`,
        tags: JSON.stringify([`tag-${below(TAGS)}`, ...(number % 50_000 === 0 ? ['rare'] : [])]),
        stream: dice() < 0.3 ? 'marketing' : 'transactional',
      } as never)
      addDelivery.run({
        ...pattern.delivery,
        id: `${id}.0`,
        message_id: id,
        account_id: account,
        recipient,
        destination: recipient.slice(recipient.indexOf('@') + 1),
        state: stateOf(dice()),
        attempts: 1,
        due_at: null,
        finished_at: at + 900,
        line: 0,
      } as never)
    }
  })
  for (let from = 0; from < messages; from += 100_000) {
    add(from, Math.min(messages, from + 100_000))
    if (from % 1_000_000 === 0) console.log(`  ${whole(from)} messages`)
  }
  db.run('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
}

/** How long it took per block, in milliseconds, and how large the index is. */
async function index(
  file: string,
): Promise<{ readonly blocks: number; readonly each: number; readonly octets: number }> {
  const store = await openStore(`sqlite:${file}`, storeOptions())
  const began = performance.now()
  let blocks = 0
  for (;;) {
    const built = await store.search.build(Date.now() - 60_000)
    if (!built.ok) throw new Error(built.error)
    if (built.value === null) break
    blocks += 1
  }
  const each = (performance.now() - began) / Math.max(1, blocks)
  await store.close()
  const db = new Database(file, { readonly: true })
  const { octets } = db.query('SELECT sum(length(filter)) AS octets FROM search_blocks').get() as {
    octets: number
  }
  db.close()
  return { blocks, each, octets }
}

const QUESTIONS: readonly (readonly [string, () => string])[] = [
  ['the newest', () => ''],
  ['a page somewhere', () => `after=${idOf(below(messages))}`],
  ['one recipient of 3,000,000', () => `recipient=${personOf(below(PEOPLE))}`],
  ['a recipient who never was', () => `recipient=nobody-${below(1e9)}@host-3.example`],
  ['a domain of 300', () => `recipient=@host-${below(HOSTS)}.example`],
  ['a rare word and another', () => `subject=word-${below(WORDS)}%20order`],
  ['the number of an order', () => `subject=${below(messages)}`],
  ['a tag', () => `tag=tag-${below(TAGS)}`],
  ['a rare tag, in marketing', () => 'tag=rare&stream=marketing'],
  ['bounces of a month', () => `status=bounced&until=${new Date(begin + below(300) * DAY).toISOString()}`],
  ['bounces of a recipient', () => `status=bounced&recipient=${personOf(below(PEOPLE))}`],
  ['cancelled mail: there is none', () => 'status=cancelled'],
]

interface Answered {
  readonly took: number
  readonly isWhole: boolean
}

async function ask(mailwok: Mailwok, query: string): Promise<Answered> {
  const began = performance.now()
  const answer = await fetch(`${mailwok.api}/v1/email?${query}`, {
    headers: { authorization: `Bearer ${API_KEY}` },
  })
  const body = (await answer.json()) as { searched_to: string | null }
  if (answer.status !== 200) throw new Error(JSON.stringify(body))
  return { took: performance.now() - began, isWhole: body.searched_to === null }
}

/** What those who send feel while two people search without a pause. */
async function busy(
  stage: Stage,
  mailwok: Mailwok,
): Promise<{ readonly sends: number[]; readonly searches: number[] }> {
  const receiver = startReceiver(stage.sinkPort)
  let isOver = false
  const searches: number[] = []
  const people = [0, 1].map(async () => {
    while (!isOver) {
      const question = QUESTIONS[below(QUESTIONS.length)]
      searches.push((await ask(mailwok, question?.[1]() ?? '')).took)
    }
  })
  try {
    const sent = await sendPaced({ ...PACE, messages: PACE.perSecond * SECONDS, port: mailwok.port })
    return { sends: sent.map((one) => one.acceptedAt - one.writtenAt), searches }
  } finally {
    isOver = true
    await Promise.all(people)
    receiver.stop()
  }
}

await withEnds(async (use) => {
  const stage = openStage(use)
  const folder = join(stage.folder, 'mailwok')
  const file = join(folder, 'mailwok.db')
  const first = await startMailwok({ ...stage, folder, roles: ['submission'] })
  await sendLoad({ port: first.port, messages: 1, connections: 1, size: 4096 })
  await first.stop()
  fill(file)
  const built = await index(file)
  const size = Bun.file(file).size
  const mailwok = await startMailwok({ ...stage, folder })
  use(() => mailwok.stop())
  await quiet(mailwok.pids)
  await ask(mailwok, '')
  const rows: (string | number)[][] = []
  const all: number[] = []
  for (const [name, question] of QUESTIONS) {
    const answers: Answered[] = []
    for (let count = 0; count < ASKED; count++) answers.push(await ask(mailwok, question()))
    const times = answers.map(({ took }) => took)
    all.push(...times)
    const isWhole = answers.filter((one) => one.isWhole).length
    rows.push([
      name,
      ms(quantile(times, 0.5)),
      ms(quantile(times, 0.95)),
      ms(Math.max(...times)),
      `${isWhole} of ${ASKED}`,
    ])
    console.log(rows.at(-1)?.join('  '))
  }
  const { searches, sends } = await busy(stage, mailwok)
  writeSection({
    script: 'search',
    title: `Finding mail among ${whole(messages)} messages`,
    command: `bun bench/search.ts${messages === 10_000_000 ? '' : ` ${messages}`}`,
    programs: ['mailwok'],
    body: `${table({ head: ['asked for', 'p50', 'p95', 'longest', 'searched to the end'], rows })}

All questions: p95 ${ms(quantile(all, 0.95))}. While two people search without a pause (${whole(searches.length)} searches, p95
${ms(quantile(searches, 0.95))}) and ${PACE.perSecond} messages a second are sent, accepting takes ${ms(quantile(sends, 0.5))} (p50) and
${ms(quantile(sends, 0.99))} (p99).

The index: ${whole(built.blocks)} blocks, ${megabytes(built.octets)} (${(built.octets / messages).toFixed(1)} octets a message) beside ${megabytes(size)} of store, ${ms(built.each)} of a side thread for each block;
accepting a message writes nothing of it.`,
  })
})
