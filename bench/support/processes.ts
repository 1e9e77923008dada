//
// Owns: starting the programs of a benchmark, ending them by pid, and reading what processor time they took.

import { readdirSync, readFileSync } from 'node:fs'

export interface Cpu {
  /** Seconds of processor time, user and system. */
  readonly seconds: number
}

const TICKS_PER_SECOND = 100

/** Processor time of one process and of all that it started, by /proc. */
export function cpuOfTree(root: number): number {
  const parents = new Map<number, number>()
  const times = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    const stat = readStat(`/proc/${pid}/stat`)
    if (!stat) continue
    parents.set(pid, Number(stat[1]))
    // utime, stime, and those of children that were waited for.
    times.set(pid, Number(stat[11]) + Number(stat[12]) + Number(stat[13]) + Number(stat[14]))
  }
  let ticks = 0
  for (const [pid, time] of times) if (descends(pid, root, parents)) ticks += time
  return ticks / TICKS_PER_SECOND
}

function descends(pid: number, root: number, parents: ReadonlyMap<number, number>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
    if (at === root) return true
  }
  return false
}

/** The fields of /proc/…/stat after the name, which may hold spaces. */
function readStat(path: string): readonly string[] | null {
  try {
    const text = readFileSync(path, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    // It ended between the listing and the look: its time went to its parent.
    return null
  }
}

/** Processor time by thread of one process, most first: [name, seconds]. */
export function cpuOfThreads(pid: number): readonly (readonly [string, number])[] {
  const sums = new Map<string, number>()
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const stat = readStat(`/proc/${pid}/task/${task}/stat`)
    if (!stat) continue
    const name = readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8').trim()
    const seconds = (Number(stat[11]) + Number(stat[12])) / TICKS_PER_SECOND
    const key = `${name} ${task === String(pid) ? '(main)' : task}`
    sums.set(key, (sums.get(key) ?? 0) + seconds)
  }
  return [...sums].sort((a, b) => b[1] - a[1])
}

export const rssOf = (pid: number): number => {
  const line = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1] ?? 0) * 1024
}

/** Waits for `ready` to hold, looking every few milliseconds; throws after `within`. */
export async function until(what: string, ready: () => boolean | Promise<boolean>, within = 120_000): Promise<void> {
  const end = performance.now() + within
  while (!(await ready())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${within} ms`)
    await Bun.sleep(5)
  }
}

export function freePort(): number {
  const probe = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  const { port } = probe
  probe.stop(true)
  return port
}

export async function endByPid(child: { readonly pid: number; kill(signal?: number): void; readonly exited: Promise<number> }) {
  child.kill(15)
  await Promise.race([child.exited, Bun.sleep(10_000)])
  child.kill(9)
  await child.exited
}
