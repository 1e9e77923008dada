// The delivery side alone: a pool of two workers → smtp-sink, 4 KB messages, 20 slots.
//   bun bench/delivery.ts [messages] [slots] [workers]
// Prints messages per second and CPU per message, unsigned and signed (RSA-2048; RSA-2048 and Ed25519).

import { spawn } from 'node:child_process'
import { createConnection, createServer } from 'node:net'
import type { Domain, Mailbox } from '../src/core/address.ts'
import type { ContentId, DeliveryId } from '../src/core/ids.ts'
import { generateKey } from '../src/mail/dkim/key.ts'
import type { DeliveryOrder, SigningKeyMaterial } from '../src/net/delivery/order.ts'
import { openDeliveryPool } from '../src/net/delivery/pool.ts'

const [messages = 60_000, slots = 20, workers = 2] = process.argv.slice(2).map(Number)
const AHEAD = 4
const domain = 'sender.test' as Domain

const header = [
  'From: Shop <shop@sender.test>',
  'To: someone@receiver.test',
  'Subject: Your order 4711',
  'Date: Mon, 23 Nov 2026 05:00:00 +0000',
  'Message-ID: <4711@sender.test>',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
  '',
  '',
].join('\r\n')
const body = `${'The quick brown fox jumps over the lazy dog, again and again.'.padEnd(70, '.')}\r\n`.repeat(
  52,
)
const bytes = Buffer.from(header + body)

const port = await freePort()
const sink = spawn('/usr/sbin/smtp-sink', ['-u', 'nobody', `127.0.0.1:${port}`, '100'], { stdio: 'ignore' })
await reachable(port)

const keyOf = async (algorithm: SigningKeyMaterial['algorithm']): Promise<SigningKeyMaterial> => ({
  domain,
  selector: algorithm.slice(0, 3),
  algorithm,
  privateKey: (await generateKey(algorithm)).privateKey,
})
const rsa = await keyOf('rsa-sha256')
await run('unsigned', [], messages)
await run('RSA-2048', [rsa], messages / 2)
await run('RSA-2048 and Ed25519', [rsa, await keyOf('ed25519-sha256')], messages / 2)
sink.kill()

async function run(name: string, keys: readonly SigningKeyMaterial[], count: number): Promise<void> {
  let sent = 0
  let done = 0
  let failed = 0
  let finish = (): void => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const pool = openDeliveryPool({
    workers,
    trust: null,
    trackingKey: new Uint8Array(32),
    timeouts: {
      connect: 30_000,
      greeting: 30_000,
      command: 30_000,
      data: 30_000,
      block: 30_000,
      finalDot: 30_000,
      idle: 30_000,
    },
    onReports: (reports) => {
      const more: DeliveryOrder[] = []
      for (const report of reports) {
        done += 1
        if (report.outcome.kind !== 'delivered') {
          failed += 1
          if (failed === 1) console.log(JSON.stringify(report))
        }
        if (sent < count) more.push(orderFor(report.slot, sent++))
      }
      pool.send(more)
      if (done === count) finish()
    },
    onWorkerLost: (worker, detail) => {
      console.error(`worker ${worker}: ${detail}`)
      sink.kill()
      process.exit(1)
    },
  })
  if (keys.length > 0) pool.setKeys(domain, keys)
  const cpu = process.cpuUsage()
  const from = performance.now()
  const first: DeliveryOrder[] = []
  for (let n = 0; n < slots * AHEAD; n++) first.push(orderFor(n % slots, sent++))
  pool.send(first)
  await finished
  const seconds = (performance.now() - from) / 1000
  const used = process.cpuUsage(cpu)
  const each = (used.user + used.system) / count
  console.log(
    `${name}: ${Math.round(count / seconds)} msg/s, ${each.toFixed(0)} µs CPU per message (${(used.user / count).toFixed(0)} user), ${failed} failed`,
  )
  await pool.stop(1000)
}

function orderFor(slot: number, n: number): DeliveryOrder {
  return {
    slot,
    deliveryId: `msg_${n}.0` as DeliveryId,
    recipient: 'someone@receiver.test' as Mailbox,
    reversePath: `b+${n}@sender.test` as Mailbox,
    signingDomain: domain,
    // Each its own content: nothing is signed once for many here.
    content: { id: `cnt_${n}` as ContentId, kind: 'submitted', bytes: new Uint8Array(bytes) },
    shared: false,
    at: 1_800_000_000_000,
    dsn: null,
    requireTls: false,
    tlsOptional: false,
    transport: {
      kind: 'mx',
      source: null,
      hello: 'bench.test',
      via: 'direct',
      auth: null,
      implicitTls: false,
      messagesPerConnection: 100,
      route: {
        kind: 'mx',
        domain: 'receiver.test',
        provider: 'receiver.test',
        hosts: [{ exchange: 'mx.receiver.test', preference: 10, addresses: ['127.0.0.1'] }],
        port,
        tls: { kind: 'opportunistic' },
        validUntil: 2_000_000_000_000,
      },
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const bound = probe.address()
      probe.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : 0))
    })
  })
}

function reachable(to: number): Promise<void> {
  return new Promise((resolve) => {
    const attempt = (): void => {
      const socket = createConnection(to, '127.0.0.1')
      socket.once('connect', () => {
        socket.destroy()
        resolve()
      })
      socket.once('error', () => setTimeout(attempt, 20))
    }
    attempt()
  })
}
