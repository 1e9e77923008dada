//
// Owns: what the store costs by itself: accept and settle pairs per second, group sizes, CPU of the serving thread.
// Run: bun bench/store.ts ['' | sqlite:/path/file.db | postgres://…] [pairs] [in flight] [content bytes]

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deliveryId } from '../src/core/ids.ts'
import { openStore } from '../src/store/open.ts'
import type { Acceptance } from '../src/store/store.ts'
import { acceptanceOf, delivered, HOLDER, ids, NOW, storeOptions } from '../test/store/contract/samples.ts'

const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'mailwok-bench-'))
const url = process.argv[2] || `sqlite:${join(folder, 'bench.db')}`
const pairs = Number(process.argv[3] ?? 60_000)
const inFlight = Number(process.argv[4] ?? 100)
const text = 'x'.repeat(Number(process.argv[5] ?? 4096))
const groups: number[] = []
const options = storeOptions()
const store = await openStore(url, {
  ...options,
  meter: { ...options.meter, observe: (_name, value) => void groups.push(value) },
})

const lags: number[] = []
let last = performance.now()
const lagTimer = setInterval(() => {
  const at = performance.now()
  lags.push(at - last - 5)
  last = at
}, 5)

await store.queue.heartbeat(HOLDER, NOW, NOW + 60_000)
const made = Array.from({ length: 2000 }, () =>
  acceptanceOf({ leased: true, text, message: { tags: [], custom: null } }),
)
/** A fresh acceptance for little: what is measured is the store, not how a test makes its values. */
function nextAcceptance(index: number): Acceptance {
  const model = made[index % made.length]
  if (model === undefined || model.content === null) throw new Error('no model')
  const id = ids.message()
  const contentId = ids.content()
  return {
    ...model,
    message: { ...model.message, id, contentId },
    content: { ...model.content, id: contentId },
    deliveries: model.deliveries.map((one) => ({ ...one, id: deliveryId(id, 0) })),
    events: model.events.map((one) => ({
      ...one,
      id: ids.event(),
      messageId: id,
      deliveryId: deliveryId(id, 0),
    })),
  }
}

let started = 0
const latencies: number[] = []
let ready: Acceptance[] = []
let wake = (): void => undefined

/** A client that waits for each 250 before its next message. */
async function lane(): Promise<void> {
  while (started < pairs) {
    started += 1
    const acceptance = nextAcceptance(started)
    const before = performance.now()
    const accepted = await store.queue.accept(acceptance)
    latencies.push(performance.now() - before)
    if (!accepted.ok) throw new Error(accepted.error)
    ready.push(acceptance)
    wake()
  }
}

/** As a dispatcher does: what was reported while the last settlement committed is settled together. */
async function settler(): Promise<void> {
  for (let settled = 0; settled < pairs; ) {
    if (ready.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    const batch = ready
    ready = []
    const end = await store.queue.settle(
      batch.map((one) => delivered(one)),
      HOLDER,
    )
    if (!end.ok || end.value.stale > 0) throw new Error(JSON.stringify(end))
    settled += batch.length
  }
}

const cpu = process.cpuUsage()
const threadCpu = process.threadCpuUsage?.()
const start = performance.now()
await Promise.all([settler(), ...Array.from({ length: inFlight }, lane)])
const seconds = (performance.now() - start) / 1000
const used = process.cpuUsage(cpu)
const usedByThread = threadCpu ? process.threadCpuUsage(threadCpu) : { user: 0, system: 0 }
clearInterval(lagTimer)
const at = (values: number[], share: number): string =>
  (values.sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0).toFixed(2)
console.log(
  JSON.stringify({
    pairsPerSecond: Math.round(pairs / seconds),
    groups: groups.length,
    meanGroup: Math.round(groups.reduce((a, b) => a + b, 0) / groups.length),
    acceptP50: at(latencies, 0.5),
    acceptP99: at(latencies, 0.99),
    acceptMax: at(latencies, 0.9999),
    lagP99: at(lags, 0.99),
    cpuPerPair_us: Math.round((used.user + used.system) / pairs),
    servingCpuPerPair_us: Math.round((usedByThread.user + usedByThread.system) / pairs),
    size: await store.upkeep.size(),
  }),
)
await store.close()
rmSync(folder, { recursive: true, force: true })
process.exit(0)
