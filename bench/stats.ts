//
// Owns: what it costs to keep statistics, and to read a year of them.
// Run: bun bench/stats.ts [events] [postgres://…]
//
// A year of an account's events goes through the follower's step into a store, a day at a time; what it reads of the log
// is answered from memory, so that ten million events need not be stored first. Hours are kept of the last 31
// days alone, which are all that can be asked for in one question. Then a smaller log is stored whole and followed as the
// follower does, for what following itself costs the serving thread.

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MailEvent } from '../src/core/event.ts'
import type { AccountId, EventId } from '../src/core/ids.ts'
import { DAY, HOUR } from '../src/core/time.ts'
import { readStatsAsk, STATS_WORDS, type StatsWords } from '../src/services/stats/ask.ts'
import { Counting, STATS } from '../src/services/stats/counting.ts'
import { Stats } from '../src/services/stats/stats.ts'
import { bucketOf } from '../src/services/stats/took.ts'
import { LOG_START, type LogCursor, type LogStep } from '../src/store/log-store.ts'
import { openStore } from '../src/store/open.ts'
import type { CountedMessage, StatCount, StatGroup, StretchAsk } from '../src/store/stats-store.ts'
import type { Store } from '../src/store/store.ts'
import { ACCOUNT, acceptanceOf, domainNamed, HOLDER, storeOptions } from '../test/store/contract/samples.ts'
import { machine } from './support/machine.ts'
import { median, quantile, table, writeSection } from './support/results.ts'

const events = Number(process.argv[2] ?? 10_000_000)
const url = process.argv[3] ?? ''
const READS = 50
const END = Date.parse('2027-01-01T00:00:00Z')
const DAYS = 365
const START = END - DAYS * DAY

const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'mailwok-stats-bench-'))
const file = join(folder, 'bench.db')

// ── A year ──────────────────────────────────────────────────────────────────────────────────────

/** The same ones in every run. */
let seed = 7
const dice = (): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return seed / 2_147_483_648
}
/** Few of them are most: as tags and providers are. */
const oneOf = (count: number): number => Math.floor(count * dice() ** 3)

const TAGS = 40
const CAMPAIGNS = 200
const PROVIDERS = 300
const DOMAINS = ['a', 'b', 'c', 'd', 'e'].map((name) => domainNamed(`${name}.example`))

function messageOfDay(day: number): CountedMessage {
  const isMarketing = dice() < 0.6
  return {
    signingDomain: DOMAINS[oneOf(DOMAINS.length)] ?? domainNamed('a.example'),
    stream: isMarketing ? 'marketing' : 'transactional',
    tags: [`tag-${oneOf(TAGS)}`, `tag-${oneOf(TAGS)}`],
    // A campaign has its days.
    campaign: isMarketing ? `campaign-${(Math.floor((day * CAMPAIGNS) / 365) + oneOf(3)) % CAMPAIGNS}` : null,
  }
}

/** What stretches of the log bring, each event by itself. */
class Year {
  #made = 0

  ofDay(start: number, count: number): readonly StatGroup[] {
    const made: StatGroup[] = []
    while (made.length < count) made.push(...this.#life(start + dice() * DAY))
    return made.slice(0, count)
  }

  #life(at: number): readonly StatGroup[] {
    this.#made += 1
    const taker = { mx: `mx.provider-${oneOf(PROVIDERS)}.example`, via: 'direct' }
    const head = {
      accountId: ACCOUNT,
      hour: Math.floor(at / HOUR) * HOUR,
      message: messageOfDay(Math.floor((at - START) / DAY)),
      taker,
      what: null,
      count: 1,
    }
    const life: StatGroup[] = [{ ...head, type: 'email.queued', taker: null }]
    if (dice() < 0.05) life.push({ ...head, type: 'email.deferred' })
    if (dice() < 0.02) {
      const reason = (['mailbox_unknown', 'spam', 'mailbox_full', 'blocked'] as const)[oneOf(4)] ?? 'other'
      return [...life, { ...head, type: 'email.bounced', what: `hard.${reason}` }]
    }
    const elapsed = Math.exp(4 + 3 * dice() + 5 * dice() ** 6)
    life.push({ ...head, type: 'email.delivered', what: String(bucketOf(elapsed)) })
    const what = ['1', '0', null][oneOf(3)] ?? null
    if (dice() < 0.4) life.push({ ...head, type: 'email.opened', what })
    if (dice() < 0.08) life.push({ ...head, type: 'email.clicked', what })
    if (dice() < 0.001) life.push({ ...head, type: 'email.complained' })
    return life
  }
}

const KNOWN = { providerOf: (mx: string): string => mx.slice(3), mayReport: () => false }

/** Events per second. */
async function keepYear(store: Store): Promise<number> {
  const year = new Year()
  let made: readonly StatGroup[] = []
  const source = {
    add: (counts: readonly StatCount[], step: LogStep) =>
      store.stats.add(
        counts.filter(({ at, span }) => span !== 'hour' || at >= END - 31 * DAY),
        step,
      ),
    totals: store.stats.totals,
    stretch: async ({ after }: StretchAsk) => {
      const groups = made
      made = []
      const to = `${after}.` as LogCursor
      return groups.length === 0 ? null : { to, events: groups.length, lastAt: END, groups }
    },
  }
  // A day in one commit, however long that holds the writer: nobody else waits for it here.
  const counting = new Counting({ store: source, ...KNOWN }, 1)
  const began = performance.now()
  let from = LOG_START
  for (let day = 0; day < DAYS; day++) {
    made = year.ofDay(START + day * DAY, Math.ceil(events / DAYS))
    let to = `${day}.0` as LogCursor
    await store.log.advance({ follower: STATS, from, to })
    for (;;) {
      const done = await counting.step(to)
      if (!done.ok || done.value.kind === 'overtaken') throw new Error(`not kept: ${JSON.stringify(done)}`)
      if (done.value.kind === 'end') break
      to = done.value.to
    }
    from = to
    if (day % 30 === 29) console.log(`${day + 1} days, ${Math.round((performance.now() - began) / 1000)} s`)
  }
  return events / ((performance.now() - began) / 1000)
}

// ── Reading it ──────────────────────────────────────────────────────────────────────────────────

const day = (at: number): string => new Date(at).toISOString().slice(0, 10)
const YEAR = { from: day(START), to: day(END) }
const QUESTIONS: readonly (readonly [string, Partial<StatsWords>])[] = [
  ['a year by day, all', YEAR],
  ['a year by day, a domain', { ...YEAR, dimension: 'domain', name: 'a.example' }],
  ['a year by day, a tag', { ...YEAR, dimension: 'tag', name: 'tag-0' }],
  ['a year by day, a provider', { ...YEAR, dimension: 'provider', name: 'provider-0.example' }],
  ['31 days by hour, all', { from: day(END - 31 * DAY), to: day(END), by: 'hour' }],
  ['a year, each of 5 domains', { ...YEAR, dimension: 'domain' }],
  [`a year, each of ${TAGS} tags`, { ...YEAR, dimension: 'tag' }],
  [`a year, each of ${CAMPAIGNS} campaigns`, { ...YEAR, dimension: 'campaign' }],
  [`a year, each of ${PROVIDERS} providers`, { ...YEAR, dimension: 'provider' }],
]

async function readYear(store: Store): Promise<readonly (readonly string[])[]> {
  const stats = new Stats({ store: store.stats, log: store.log, clock: { now: () => END } })
  const rows: string[][] = []
  for (const [name, of] of QUESTIONS) {
    const words = { ...Object.fromEntries(STATS_WORDS.map((word) => [word, null])), ...of } as StatsWords
    const ask = readStatsAsk(words, END)
    if (!ask.ok) throw new Error(ask.error.message)
    await stats.report(ACCOUNT, ask.value)
    const times: number[] = []
    const lags = lagging()
    for (let nth = 0; nth < READS; nth++) {
      const began = performance.now()
      await stats.report(ACCOUNT, ask.value)
      times.push(performance.now() - began)
      await Bun.sleep(5)
    }
    const lag = lags()
    rows.push([name, ...[median(times), quantile(times, 0.99), lag].map((ms) => `${ms.toFixed(1)} ms`)])
  }
  return rows
}

/** How long the serving thread could not come to anything else, at most. */
function lagging(): () => number {
  let last = performance.now()
  let most = 0
  const timer = setInterval(() => {
    const at = performance.now()
    most = Math.max(most, at - last - 2)
    last = at
  }, 2)
  return () => {
    clearInterval(timer)
    return most
  }
}

// ── Following a log that is stored ──────────────────────────────────────────────────────────────

const FOLLOWED = 40_000

interface Followed {
  /** Microseconds of processor time per event, of all threads of this process. */
  readonly each: number
  /** Milliseconds for which the serving thread could not come to anything else, at most. */
  readonly held: number
}

async function follow(store: Store): Promise<Followed> {
  const account = 'acc_000000000007' as AccountId
  await store.queue.heartbeat(HOLDER, START, START + HOUR)
  for (let nth = 0; nth < FOLLOWED / 200; nth++) {
    const some = Array.from({ length: 100 }, () => {
      const acceptance = acceptanceOf({ state: 'held', message: { accountId: account, createdAt: START } })
      const [head] = acceptance.events
      if (head === undefined) throw new Error('no event')
      const peer = { mx: 'mx.google.example', ip: null, software: null }
      const { type, ...rest } = head
      const delivered: MailEvent = { ...rest, type: 'email.delivered', peer, response: '250', elapsed: 200 }
      return { ...acceptance, events: [head, { ...delivered, id: `${head.id}d` as EventId }] }
    })
    await Promise.all(some.map((one) => store.queue.accept(one)))
  }
  const counting = new Counting({ store: store.stats, ...KNOWN })
  await store.log.saveCursor(STATS, LOG_START)
  let from = LOG_START
  await counting.step(from)
  await store.log.saveCursor(STATS, LOG_START)
  const lags = lagging()
  const before = process.cpuUsage()
  for (;;) {
    const done = await counting.step(from)
    if (!done.ok || done.value.kind !== 'done') break
    from = done.value.to
  }
  const used = process.cpuUsage(before)
  return { each: (used.user + used.system) / FOLLOWED, held: lags() }
}

// ── One run ─────────────────────────────────────────────────────────────────────────────────────

machine()
const store = await openStore(url || `sqlite:${file}`, storeOptions())
try {
  const rate = await keepYear(store)
  const rows = await readYear(store)
  const size = url
    ? ''
    : `, ${Math.round((statSync(file).size + statSync(`${file}-wal`).size) / 1_000_000)} MB on the disk`
  const { each, held } = await follow(store)
  writeSection({
    script: url ? 'stats-postgres' : 'stats',
    title: `Statistics, ${store.engine}`,
    command: `bun bench/stats.ts ${events}${url ? ' postgres://…' : ''}`,
    programs: url ? ['postgres'] : [],
    body: `${events.toLocaleString('en')} events of one account over ${DAYS} days: 5 domains, ${TAGS} tags, ${CAMPAIGNS} campaigns, ${PROVIDERS} providers; hours of the last 31 days${size}. Wanted: a year in less than 200 ms, away from the serving thread.

${table({ head: ['question', 'median', 'p99', 'serving thread held at most'], rows })}

Loaded at ${Math.round(rate).toLocaleString('en')} events/s, a day at a time. Following ${FOLLOWED.toLocaleString('en')} events that are stored, as a node does: ${each.toFixed(1)} µs of processor time an event in all threads of this process, the serving thread held for ${held.toFixed(1)} ms at most.`,
  })
} finally {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
}
