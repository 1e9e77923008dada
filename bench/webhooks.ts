//
// Owns: how many events a second reach a webhook, and how soon after they happened.
// Run: bun bench/webhooks.ts [events] [seconds]
//
// The product's own parts on a store on disk: the log, the bell, the follower, the outbox, signed posts over HTTP; the
// receiver is a process of its own on the same machine and clock. An event here is that of a message that is accepted.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EventId, idsFor, timeOf } from '../src/core/ids.ts'
import { ok } from '../src/core/result.ts'
import { OutgoingHttp } from '../src/net/http/outgoing.ts'
import { Bell, ringing } from '../src/services/following/bell.ts'
import { Follower } from '../src/services/following/follower.ts'
import { WebhookBook } from '../src/services/webhooks/book.ts'
import { Poster } from '../src/services/webhooks/poster.ts'
import { WebhookPosting } from '../src/services/webhooks/posting.ts'
import { Telling } from '../src/services/webhooks/telling.ts'
import { openStore } from '../src/store/open.ts'
import { ACCOUNT, acceptanceOf, storeOptions } from '../test/store/contract/samples.ts'
import { knownHook } from '../test/support/known-hook.ts'
import { median, ms, quantile, whole, writeSection } from './support/results.ts'

const RECEIVER = `
  const got = []
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, async fetch(request) {
    const at = Date.now()
    if (request.method === 'GET') return Response.json(got.splice(0))
    await request.text()
    got.push([request.headers.get('webhook-id'), at])
    return new Response('')
  } })
  console.log(server.port)
`

const events = Number(process.argv[2] ?? 20_000)
const seconds = Number(process.argv[3] ?? 20)
const PER_SECOND = 200
const ROUNDS = 3

const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'mailwok-webhooks-bench-'))
const receiver = Bun.spawn(['bun', '-e', RECEIVER], { stdout: 'pipe', stderr: 'inherit' })
process.on('exit', () => receiver.kill())
const first = await receiver.stdout.getReader().read()
const url = `http://127.0.0.1:${new TextDecoder().decode(first.value).trim()}/hook`
const taken = async (): Promise<readonly (readonly [EventId, number])[]> =>
  (await (await fetch(url)).json()) as (readonly [EventId, number])[]

const options = storeOptions()
const { clock, log, meter } = options
const store = await openStore(`sqlite:${join(folder, 'bench.db')}`, options)
const bell = new Bell(clock)
const queue = ringing(store.queue, bell)
await store.directory.addAccount({ id: ACCOUNT, name: 'a', plan: 'unlimited', createdAt: 0 })
await store.webhooks.add(knownHook({ url, events: ['email.queued'], secret: Buffer.alloc(32, 1) }))
const book = new WebhookBook({ store: store.webhooks, open: (_, sealed) => ok(sealed), clock, log })
await book.read()
const port = Number(new URL(url).port)
const resolver = { addresses: () => Promise.reject(new Error('literals alone')) }
const http = new OutgoingHttp({
  resolver,
  clock,
  allow: [{ host: '127.0.0.1', port }],
  allowPrivate: false,
  ca: null,
})
const posting = new WebhookPosting({
  store: store.webhooks,
  book,
  poster: new Poster({ http, clock, agent: 'MailWok/bench' }),
  clock,
  dice: Math.random,
  log,
  meter,
  alert: async () => {},
})
const handler = new Telling({ store: store.webhooks, events: store.events, book, posting, clock })
const followed = () => {
  const follower = new Follower({ log: store.log, handler, clock, say: log, meter })
  const deaf = bell.onRing({ hears: () => follower.poke(), wants: (type) => book.wants(type), apart: 20 })
  follower.start()
  return async () => {
    deaf()
    await follower.stop()
  }
}

const ids = idsFor('b', () => Date.now())
async function happen(): Promise<void> {
  const acceptance = acceptanceOf({ message: { id: ids.message(), tags: ['welcome'] } })
  const told = acceptance.events.map((event) => ({ ...event, id: ids.event(), at: Date.now() }))
  const accepted = await queue.accept({ ...acceptance, events: told })
  if (!accepted.ok) throw new Error(accepted.error)
}

/** Until so many have come; their delays from the event to the request, in milliseconds. */
async function awaited(count: number): Promise<number[]> {
  const delays: number[] = []
  while (delays.length < count) {
    await Bun.sleep(20)
    for (const [event, at] of await taken()) delays.push(at - timeOf(event))
  }
  return delays
}

posting.start()
const rates: number[] = []
for (let round = 0; round <= ROUNDS; round++) {
  for (let at = 0; at < events; at += 500) await Promise.all(Array.from({ length: 500 }, happen))
  const began = performance.now()
  const stop = followed()
  await awaited(events)
  const rate = events / ((performance.now() - began) / 1000)
  if (round > 0) rates.push(rate)
  console.log(`${whole(rate)} posts/s`)
  await stop()
}

const stop = followed()
const waiting = awaited(PER_SECOND * seconds)
const began = performance.now()
for (let at = 0; at < PER_SECOND * seconds; at++) {
  const wait = began + (at * 1000) / PER_SECOND - performance.now()
  if (wait > 1) await Bun.sleep(wait)
  void happen()
}
const delays = await waiting
await stop()
await posting.stop()
await store.close()
receiver.kill()
rmSync(folder, { recursive: true })

writeSection({
  script: 'webhooks',
  title: 'Webhooks',
  command: ['bun bench/webhooks.ts', ...process.argv.slice(2)].join(' '),
  programs: ['mailwok'],
  body: `One webhook, its receiver a process on the same cores; each event is read from the log, written to the outbox, signed, posted on
connections that are kept, and its end and attempt are stored.

${whole(median(rates))} posts/s out of a log of ${whole(events)} events (median of ${ROUNDS} rounds after one to warm up). At ${PER_SECOND} events/s for ${seconds} s, from the event to the
receiver: p50 ${ms(quantile(delays, 0.5))}, p99 ${ms(quantile(delays, 0.99))}, the longest ${ms(quantile(delays, 1))}.`,
})
