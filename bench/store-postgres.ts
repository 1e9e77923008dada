//
// Owns: how many messages a second PostgreSQL takes and settles, and what each costs: our thread's CPU, the server's.
// Usage: bun bench/store-postgres.ts [postgres url]. Without one it starts a throw-away cluster.

import { readdirSync, readFileSync } from 'node:fs'
import { parseDomain, parseMailbox } from '../src/core/address.ts'
import { type AccountId, deliveryId, idsFor } from '../src/core/ids.ts'
import type { Log, Meter } from '../src/core/ports.ts'
import { openPostgres } from '../src/store/postgres/open.ts'
import type { Acceptance, Holder, Settlement } from '../src/store/store.ts'
import { freshDatabase, POSTGRES_URL } from '../test/support/postgres-cluster.ts'
import { steadyClock } from '../test/support/steady-clock.ts'

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 8)
const CLIENTS = (process.env['BENCH_CLIENTS'] ?? '20,100').split(',').map(Number)
const OCTETS = 4096
const HOLDER: Holder = { node: 'n1', boot: 'b1' }

const log: Log = { debug() {}, info: console.error, warn: console.error, error: console.error }
const meter: Meter = { count() {}, observe() {}, gauge() {} }
const ids = idsFor('b', () => Date.now())

const mailbox = (text: string) => {
  const parsed = parseMailbox(text)
  if (!parsed.ok) throw new Error(text)
  return parsed.value
}
const domain = (text: string) => {
  const parsed = parseDomain(text)
  if (!parsed.ok) throw new Error(text)
  return parsed.value
}
const FROM = mailbox('shop@example.com')
const TO = mailbox('ann@one.example')
const SIGNING = domain('example.com')
const DESTINATION = domain('one.example')
const BODY = Buffer.alloc(OCTETS)
for (let i = 0; i < OCTETS; i++) BODY[i] = i % 78 === 76 ? 13 : i % 78 === 77 ? 10 : 33 + ((i * 7919) % 90)
const SHA256 = new Uint8Array(32)
Bun.SHA256.hash(BODY, SHA256)

function acceptance(): Acceptance {
  const id = ids.message()
  const contentId = ids.content()
  const now = Date.now()
  const accountId = 'acc_000000000001' as AccountId
  return {
    message: {
      id,
      accountId,
      keyId: null,
      contentId,
      source: 'smtp',
      mode: 'live',
      createdAt: now,
      reversePath: FROM,
      from: FROM,
      signingDomain: SIGNING,
      subject: 'Your order of today',
      stream: 'transactional',
      tags: [],
      custom: null,
      trackOpens: false,
      trackClicks: false,
      expiresAt: now + 5 * 86_400_000,
      size: OCTETS,
      campaign: null,
      pool: null,
      wishes: {},
    },
    content: { id: contentId, kind: 'submitted', bytes: BODY, sha256: SHA256 },
    deliveries: [
      {
        id: deliveryId(id, 0),
        recipient: TO,
        destination: DESTINATION,
        state: 'queued',
        dueAt: now,
        leased: true,
        dsn: null,
      },
    ],
    events: [
      {
        id: ids.event(),
        type: 'email.queued',
        accountId,
        messageId: id,
        deliveryId: deliveryId(id, 0),
        recipient: TO,
        at: now,
      },
    ],
    idempotency: null,
    holder: HOLDER,
  }
}

function settlement({ message }: Acceptance): Settlement {
  const id = deliveryId(message.id, 0)
  const now = Date.now()
  return {
    deliveryId: id,
    attempt: {
      number: 1,
      outcome: 'delivered',
      startedAt: now,
      endedAt: now,
      mx: 'mx1.one.example',
      address: '192.0.2.1',
      source: null,
      tls: { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', verified: false },
      peerSoftware: 'Postfix',
      diagnostic: '250 2.0.0 Ok: queued as 4Vabcdef',
      code: 250,
      enhancedCode: '2.0.0',
      via: 'direct',
      transcript: '',
    },
    next: { state: 'delivered', at: now },
    events: [
      {
        id: ids.event(),
        type: 'email.delivered',
        accountId: message.accountId,
        messageId: message.id,
        deliveryId: id,
        recipient: TO,
        at: now,
        peer: { mx: 'mx1.one.example', ip: '192.0.2.1', software: 'Postfix' },
        response: '250 2.0.0 Ok: queued as 4Vabcdef',
        elapsed: 3,
      },
    ],
  }
}

/** CPU seconds of all processes of the server, from /proc; 0 when it is not on this machine. */
function serverCpu(): number {
  let ticks = 0
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      if (!fields.includes('(postgres)')) continue
      const after = fields.slice(fields.lastIndexOf(')') + 2).split(' ')
      ticks += Number(after[11]) + Number(after[12])
    } catch {
      // It ended meanwhile.
    }
  }
  return ticks / 100
}

const url = process.argv[2] ?? (await freshDatabase())
const store = await openPostgres(url, { clock: steadyClock, log, meter })

async function measure(clients: number): Promise<void> {
  const end = performance.now() + SECONDS * 1000
  const waits: number[] = []
  let pairs = 0
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const one = acceptance()
      const asked = performance.now()
      const accepted = await store.queue.accept(one)
      waits.push(performance.now() - asked)
      if (!accepted.ok) throw new Error(accepted.error)
      const settled = await store.queue.settle([settlement(one)], HOLDER)
      if (!settled.ok || settled.value.settled !== 1) throw new Error('not settled')
      pairs += 1
    }
  }
  const [ours, theirs, started] = [process.cpuUsage(), serverCpu(), performance.now()]
  await Promise.all(Array.from({ length: clients }, client))
  const seconds = (performance.now() - started) / 1000
  const used = process.cpuUsage(ours)
  waits.sort((a, b) => a - b)
  const at = (share: number) => (waits[Math.floor(waits.length * share)] ?? 0).toFixed(1)
  const micros = (total: number) => `${(total / pairs).toFixed(0)} µs`
  console.log(
    `${clients} clients: ${(pairs / seconds).toFixed(0)} pairs/s, accept p50 ${at(0.5)} ms p99 ${at(0.99)} ms, ` +
      `CPU per pair: ours ${micros(used.user + used.system)}, server ${micros((serverCpu() - theirs) * 1e6)}`,
  )
}

for (const clients of CLIENTS) await measure(clients)
await store.close()
if (!process.argv[2]) delete process.env[POSTGRES_URL]
process.exit(0)
