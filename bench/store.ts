//
// Owns: what the store costs by itself: accept and settle pairs per second, group sizes, CPU of the serving thread.
// Run: bun bench/store.ts [sqlite:/path/file.db | postgres://…] [pairs] [in flight] [content bytes]

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '../src/store/sqlite/open.ts'
import { acceptanceOf, delivered, HOLDER, NOW, storeOptions } from '../test/store/contract/samples.ts'

const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'mailwok-bench-'))
const pairs = Number(process.argv[3] ?? 60_000)
const inFlight = Number(process.argv[4] ?? 100)
const text = 'x'.repeat(Number(process.argv[5] ?? 4096))
const groups: number[] = []
const options = storeOptions()
const store = await openSqlite(join(folder, 'bench.db'), {
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
let started = 0
const latencies: number[] = []
async function lane(): Promise<void> {
  while (started < pairs) {
    started += 1
    const acceptance = acceptanceOf({ leased: true, text, message: { tags: [], custom: null } })
    const before = performance.now()
    const accepted = await store.queue.accept(acceptance)
    latencies.push(performance.now() - before)
    if (!accepted.ok) throw new Error(accepted.error)
    const settled = await store.queue.settle([delivered(acceptance)], HOLDER)
    if (!settled.ok || settled.value.settled !== 1) throw new Error(JSON.stringify(settled))
  }
}
const cpu = process.cpuUsage()
const threadCpu = process.threadCpuUsage?.()
const start = performance.now()
await Promise.all(Array.from({ length: inFlight }, lane))
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
