import { afterEach, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKey } from '../../../src/mail/dkim/key.ts'
import type {
  DeliveryOrder,
  DeliveryPool,
  DeliveryReport,
  SigningKeyMaterial,
} from '../../../src/net/delivery/order.ts'
import { openDeliveryPool } from '../../../src/net/delivery/pool.ts'
import { authority } from '../../support/authority.ts'
import { type Mx, startMx } from '../../support/mx.ts'
import { orderFor, SENDER_DOMAIN } from '../../support/orders.ts'
import { until } from '../../support/until.ts'

const LONG = 5000
const timeouts = {
  connect: LONG,
  greeting: LONG,
  command: LONG,
  data: LONG,
  block: LONG,
  finalDot: LONG,
  idle: LONG,
}

const endings: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of endings.splice(0)) await end()
})

interface Bench {
  readonly pool: DeliveryPool
  readonly reports: DeliveryReport[]
  readonly lost: string[]
  reported(count: number): Promise<void>
}

function openBench(trust: { readonly ca: string } | null = null): Bench {
  const reports: DeliveryReport[] = []
  const lost: string[] = []
  const pool = openDeliveryPool({
    workers: 2,
    timeouts,
    trust,
    trackingKey: new Uint8Array(32),
    onReports: (more) => reports.push(...more),
    onWorkerLost: (worker, detail) => lost.push(`${worker}: ${detail}`),
  })
  endings.push(() => pool.stop(0))
  return {
    pool,
    reports,
    lost,
    reported: (count) => until('enough is reported', () => reports.length >= count),
  }
}

async function mxOf(): Promise<Mx> {
  const mx = await startMx()
  endings.push(() => mx.close())
  return mx
}

test('orders of four slots go over four connections of two workers, each slot in its order', async () => {
  const mx = await mxOf()
  const { pool, reports, reported } = openBench()
  const orders = Array.from({ length: 40 }, (_, n) => orderFor({ mx: [mx], slot: n % 4, id: `msg_${n}.0` }))
  pool.send(orders)
  await reported(40)
  expect(reports.every((report) => report.outcome.kind === 'delivered')).toBe(true)
  expect(mx.connections).toBe(4)
  for (const slot of [0, 1, 2, 3]) {
    const ids = reports
      .filter((report) => report.slot === slot)
      .map((report) => Number(report.deliveryId.slice(4, -2)))
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
  }
  expect(
    reports.every(
      ({ evidence }) => Number.isInteger(evidence.startedAt) && Number.isInteger(evidence.endedAt),
    ),
  ).toBe(true)
})

test('a worker trusts the authorities that the operator names, and the public ones as before', async () => {
  const root = authority('Root of the house')
  const certificate = root.issue({ names: ['mx.test'] })
  const mx = await startMx({ starttls: true, certificate })
  endings.push(() => mx.close())
  const order = orderFor({ mx: [mx], tls: { kind: 'verified', why: 'test' } })
  for (const [trust, want] of [
    [null, 'deferred'],
    [{ ca: root.cert }, 'delivered'],
    [{ ca: authority('Another').cert }, 'deferred'],
  ] as const) {
    const { pool, reports, reported } = openBench(trust)
    pool.send([order])
    await reported(1)
    expect(reports[0]?.outcome.kind).toBe(want)
  }
})

test('a retired slot closes its connection', async () => {
  const mx = await mxOf()
  const { pool, reported } = openBench()
  pool.send([orderFor({ mx: [mx], slot: 5 })])
  pool.retire(5)
  await reported(1)
  await until('it happened', () => mx.commands.includes('1: QUIT') && mx.open === 0)
})

test('stop lets a transaction end and closes the connections', async () => {
  const mx = await mxOf()
  const { pool, reports, reported } = openBench()
  pool.send([orderFor({ mx: [mx], slot: 0 }), orderFor({ mx: [mx], slot: 1 })])
  await reported(1)
  await pool.stop(LONG)
  expect(reports.length).toBe(2)
  await until('it happened', () => mx.open === 0)
})

test('stop has an end when a peer hangs', async () => {
  const mx = await startMx({ at: { BODY: { hang: true } } })
  endings.push(() => mx.close())
  const { pool, reports } = openBench()
  pool.send([orderFor({ mx: [mx] })])
  await until('it happened', () => mx.commands.includes('1: BODY'))
  await pool.stop(50)
  expect(reports.map((report) => report.outcome)).toMatchObject([
    { kind: 'deferred', cause: { kind: 'uncertain' } },
  ])
})

test('what a stop cuts short is our doing, not the receiver’s', async () => {
  const mx = await startMx({ at: { RCPT: { hang: true } } })
  endings.push(() => mx.close())
  const { pool, reports } = openBench()
  pool.send([orderFor({ mx: [mx] })])
  await until('it happened', () => mx.commands.some((command) => command.includes('RCPT')))
  await pool.stop(50)
  expect(reports.map((report) => report.outcome)).toMatchObject([
    { kind: 'deferred', cause: { kind: 'internal', detail: expect.stringContaining('this node stop') } },
  ])
})

test('mail is signed with the keys of its domain', async () => {
  const mx = await mxOf()
  const { pool, reported } = openBench()
  const keys: SigningKeyMaterial[] = []
  for (const algorithm of ['rsa-sha256', 'ed25519-sha256'] as const) {
    const { privateKey } = await generateKey(algorithm)
    keys.push({ domain: SENDER_DOMAIN, selector: algorithm.slice(0, 3), algorithm, privateKey })
  }
  pool.setKeys(SENDER_DOMAIN, keys)
  pool.send([orderFor({ mx: [mx], slot: 0 }), orderFor({ mx: [mx], slot: 1 })])
  await reported(2)
  for (const { bytes } of mx.messages) {
    const text = bytes.toString()
    expect(text.match(/^DKIM-Signature: /gm)?.length).toBe(2)
    expect(text).toContain('d=sender.test')
    expect(text.endsWith(orderFor({ mx: [mx] }).content.bytes.toString())).toBe(true)
  }
})

test('a key that cannot be read defers its mail, never sends it unsigned, and costs no worker', async () => {
  const mx = await mxOf()
  const { pool, reports, lost, reported } = openBench()
  pool.setKeys(SENDER_DOMAIN, [
    { domain: SENDER_DOMAIN, selector: 's', algorithm: 'rsa-sha256', privateKey: 'no key' },
  ])
  pool.send([orderFor({ mx: [mx] })])
  await reported(1)
  expect(reports[0]?.outcome).toMatchObject({ kind: 'deferred', cause: { kind: 'internal' } })
  expect(mx.connections).toBe(0)
  expect(lost).toEqual([])
})

test('a worker that dies is told of and followed by another, which knows the keys', async () => {
  const mx = await mxOf()
  const { pool, lost, reported } = openBench()
  const { privateKey } = await generateKey('ed25519-sha256')
  pool.setKeys(SENDER_DOMAIN, [
    { domain: SENDER_DOMAIN, selector: 's', algorithm: 'ed25519-sha256', privateKey },
  ])
  pool.send([orderFor({ mx: [mx], slot: 0 })])
  await reported(1)
  // Its way arrives as null: a bug that no type would let through.
  const order = orderFor({ mx: [mx], slot: 0 })
  const poison = { ...order, transport: { ...order.transport, toJSON: () => null } }
  pool.send([poison satisfies DeliveryOrder])
  await until('it happened', () => lost.length === 1)
  expect(lost[0]?.startsWith('0: ')).toBe(true)
  pool.send([orderFor({ mx: [mx], slot: 0 })])
  await reported(2)
  expect(mx.messages[1]?.bytes.toString()).toStartWith('DKIM-Signature: ')
})

test('capture writes whole files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-capture-'))
  endings.push(() => rmSync(folder, { recursive: true }))
  const { pool, reports, reported } = openBench()
  const orders = [0, 1, 2].map((n) => orderFor({ mx: [], slot: n, id: `msg_${n}.0` }))
  pool.send(
    orders.map((order) => ({ ...order, transport: { kind: 'capture', folder: join(folder, 'new') } })),
  )
  await reported(3)
  expect(reports.every((report) => report.outcome.kind === 'delivered')).toBe(true)
  expect(readdirSync(join(folder, 'new')).sort()).toEqual(['msg_0.0.eml', 'msg_1.0.eml', 'msg_2.0.eml'])
  expect(
    readFileSync(join(folder, 'new', 'msg_1.0.eml')).equals(Buffer.from(orders[1]?.content.bytes ?? [])),
  ).toBe(true)
})
