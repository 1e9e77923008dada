//
// Owns: one round of one peer: a load through it into the sink, and what that took.

import type { Peer } from './postfix.ts'
import { type Cpu, cpuByProgram, cpuByThread, cpuSince, quiet, rssOf, until } from './processes.ts'
import { type Load, type Sink, sendLoad } from './smtp-tools.ts'

export interface Round {
  readonly messages: number
  /** Until the load generator had its last 250, and until the sink had given its last. */
  readonly acceptSeconds: number
  readonly endSeconds: number
  /** By program of the peer. */
  readonly programs: Cpu
  /** By thread of MailWok: what each is there for. */
  readonly threads: Cpu
  readonly sinkCpu: Cpu
  /** Bytes, when the last message had arrived. */
  readonly rss: number
}

const PATIENCE_MS = 180_000

export async function playRound(peer: Peer, sink: Sink, load: Omit<Load, 'port'>): Promise<Round> {
  const [first = 0] = peer.pids
  const programs = cpuByProgram(peer.pids)
  const threads = cpuByThread(first)
  const sinkCpu = cpuByProgram([sink.pid])
  const goal = sink.received() + load.messages
  const start = performance.now()
  const accepted = sendLoad({ ...load, port: peer.port })
  const [acceptSeconds] = await Promise.all([
    accepted,
    until(`${peer.name}'s last message`, () => sink.received() >= goal, PATIENCE_MS),
  ])
  const endSeconds = (performance.now() - start) / 1000
  const rss = rssOf(peer.pids)
  // What is left to do (the last settlement, a queue file) belongs to this round, and must not burden the next.
  await quiet(peer.pids)
  if (sink.received() !== goal) {
    throw new Error(`${peer.name} delivered ${sink.received() - goal} messages more than it was given`)
  }
  return {
    messages: load.messages,
    acceptSeconds,
    endSeconds,
    programs: cpuSince(programs, cpuByProgram(peer.pids)),
    threads: byDuty(cpuSince(threads, cpuByThread(first))),
    sinkCpu: cpuSince(sinkCpu, cpuByProgram([sink.pid])),
    rss,
  }
}

/** Sums by name over several rounds. */
export function addUp(cpus: readonly Cpu[]): Cpu {
  const sums = new Map<string, number>()
  for (const cpu of cpus) for (const [name, seconds] of cpu) sums.set(name, (sums.get(name) ?? 0) + seconds)
  return new Map([...sums].sort((a, b) => b[1] - a[1]))
}

/**
 * Delivery workers bear their name; the store's threads are told apart by their order of birth: the writer, then the
 * side thread. What the runtime does for itself is summed up.
 */
export function byDuty(threads: Cpu): Cpu {
  const sums = new Map<string, number>()
  let workers = 0
  for (const [thread, seconds] of threads) {
    const name = thread.slice(thread.indexOf(':') + 1)
    const duty = DUTIES[name] ?? (name === 'Worker' ? dutyOf(workers++) : 'compiler and collector')
    sums.set(duty, (sums.get(duty) ?? 0) + seconds)
  }
  return sums
}

const DUTIES: Readonly<Record<string, string>> = { main: 'serving', delivery: 'delivery workers' }

/** The store's threads bear no names; the writer is born first. */
const dutyOf = (worker: number): string => (worker === 0 ? 'writer' : 'side thread')
