//
// Owns: starting the programs of a benchmark, ending them by pid, and reading what processor time and memory they took.

import { readdirSync, readFileSync } from 'node:fs'

const TICKS_PER_SECOND = 100

/** Seconds of processor time by the name of what took them. */
export type Cpu = ReadonlyMap<string, number>

interface Stat {
  readonly name: string
  readonly parent: number
  /** utime and stime. */
  readonly own: number
  /** cutime and cstime: of children that have ended. */
  readonly ended: number
}

/** The pids of these processes and of all that they started. */
export function treeOf(roots: readonly number[]): readonly number[] {
  const children = new Map<number, number[]>()
  for (const pid of allPids()) {
    const stat = statOf(`/proc/${pid}/stat`)
    if (stat) children.set(stat.parent, [...(children.get(stat.parent) ?? []), pid])
  }
  const found: number[] = []
  const ahead = [...roots]
  for (let pid = ahead.pop(); pid !== undefined; pid = ahead.pop()) {
    found.push(pid)
    ahead.push(...(children.get(pid) ?? []))
  }
  return found
}

/** Processor time of whole trees, by name of program; what ended in between is under "ended". */
export function cpuByProgram(roots: readonly number[]): Cpu {
  const sums = new Map<string, number>()
  const add = (name: string, ticks: number) =>
    sums.set(name, (sums.get(name) ?? 0) + ticks / TICKS_PER_SECOND)
  for (const pid of treeOf(roots)) {
    const stat = statOf(`/proc/${pid}/stat`)
    if (!stat) continue
    add(stat.name, stat.own)
    if (stat.ended > 0) add('ended', stat.ended)
  }
  return sums
}

/** Processor time of one process by thread, in order of birth: "<id>:<name>". */
export function cpuByThread(pid: number): Cpu {
  const sums = new Map<string, number>()
  const threads = readdirSync(`/proc/${pid}/task`).map(Number)
  for (const thread of threads.sort((a, b) => a - b)) {
    const stat = statOf(`/proc/${pid}/task/${thread}/stat`)
    if (stat) sums.set(`${thread}:${thread === pid ? 'main' : stat.name}`, stat.own / TICKS_PER_SECOND)
  }
  return sums
}

export function cpuSince(before: Cpu, after: Cpu): Cpu {
  const spent = new Map<string, number>()
  for (const [name, seconds] of after) spent.set(name, seconds - (before.get(name) ?? 0))
  return spent
}

export const total = (cpu: Cpu): number => [...cpu.values()].reduce((sum, seconds) => sum + seconds, 0)

/** Resident memory of whole trees. Pages that processes share are counted once per process, as ps does. */
export function rssOf(roots: readonly number[]): number {
  let bytes = 0
  for (const pid of treeOf(roots)) {
    const status = textOf(`/proc/${pid}/status`)
    bytes += Number(/VmRSS:\s+(\d+)/.exec(status ?? '')?.[1] ?? 0) * 1024
  }
  return bytes
}

function allPids(): readonly number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

/** Null when it ended between the listing and the look. */
function statOf(path: string): Stat | null {
  const text = textOf(path)
  if (text === null) return null
  // The name is in brackets and may hold spaces.
  const end = text.lastIndexOf(')')
  const fields = text.slice(end + 2).split(' ')
  const at = (index: number): number => Number(fields[index])
  return {
    name: text.slice(text.indexOf('(') + 1, end),
    parent: at(1),
    own: at(11) + at(12),
    ended: at(13) + at(14),
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** Waits for `ready` to hold, looking every few milliseconds; throws after `within`. */
export async function until(
  what: string,
  ready: () => boolean | Promise<boolean>,
  within = 120_000,
): Promise<void> {
  const end = performance.now() + within
  while (!(await ready())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${within} ms`)
    await Bun.sleep(5)
  }
}

/** Waits until these trees do nothing any more: what a round left to do must not be paid by the next one. */
export async function quiet(roots: readonly number[], within = 60_000): Promise<void> {
  const end = performance.now() + within
  let spent = total(cpuByProgram(roots))
  for (let calm = 0; calm < 3; ) {
    if (performance.now() > end) throw new Error(`not quiet within ${within} ms`)
    await Bun.sleep(100)
    const now = total(cpuByProgram(roots))
    calm = now - spent <= 1 / TICKS_PER_SECOND ? calm + 1 : 0
    spent = now
  }
}

export function freePort(): number {
  const probe = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  const { port } = probe
  probe.stop(true)
  return port
}

export interface Child {
  readonly pid: number
  readonly exited: Promise<number>
  kill(signal?: number): void
}

/** SIGTERM, and after half a minute SIGKILL. */
export async function endByPid(child: Child): Promise<void> {
  child.kill(15)
  const ended = await Promise.race([child.exited.then(() => true), Bun.sleep(30_000).then(() => false)])
  if (!ended) child.kill(9)
  await child.exited
}

/**
 * Ends everything in reverse order of its start, also after a failure, and on SIGINT or SIGTERM.
 * `use(end)` notes how to end what was just started.
 */
export async function withEnds<T>(run: (use: (end: () => unknown) => void) => Promise<T>): Promise<T> {
  const ends: (() => unknown)[] = []
  const endAll = async () => {
    for (let end = ends.pop(); end; end = ends.pop()) {
      try {
        await end()
      } catch (error) {
        console.error(error)
      }
    }
  }
  const onSignal = () => void endAll().finally(() => process.exit(1))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, onSignal)
  try {
    return await run((end) => void ends.push(end))
  } finally {
    await endAll()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal)
  }
}
