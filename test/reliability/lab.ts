//
// Owns: the surroundings of a node under trial: a folder, a zone, the recorder, the ledger, and the end of it all.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FakeDns, startDns } from '../support/dns.ts'
import { type Recorder, startRecorder } from '../support/recorder.ts'
import { Ledger } from './ledger.ts'
import { type MailNode, type NodeOptions, startNode } from './node.ts'

export interface Lab {
  readonly folder: string
  readonly ledger: Ledger
  readonly recorder: Recorder
  readonly dns: FakeDns
  /** What must be ended or removed with the lab. */
  defer(end: () => unknown): void
  /** A node on this lab's folder; it ends with the lab at the latest. */
  start(options?: Partial<NodeOptions>): Promise<MailNode>
  /** Waits until everything acknowledged was received; how long that took. */
  drain(within?: number): Promise<number>
}

export interface LabOptions {
  /** The recorder's other answers to RCPT. */
  readonly answerTo?: (recipient: string) => string | null
}

export async function withLab(run: (lab: Lab) => Promise<void>, options: LabOptions = {}): Promise<void> {
  const ends: (() => unknown)[] = []
  const nodes: MailNode[] = []
  try {
    const folder = mkdtempSync(join(tmpdir(), 'mailwok-reliability-'))
    ends.push(() => rmSync(folder, { recursive: true, force: true }))
    const ledger = new Ledger()
    const recorder = await startRecorder({ ...options, onTaken: (taken) => ledger.take(taken) })
    ends.push(() => recorder.close())
    const dns = await startDns(ZONE)
    ends.push(() => dns.close())
    const start = async (more: Partial<NodeOptions> = {}): Promise<MailNode> => {
      const node = await startNode({ folder, dns: dns.address, mxPort: recorder.port, ...more })
      nodes.push(node)
      ends.push(() => {
        node.signal('SIGKILL')
        return node.exited
      })
      return node
    }
    const drain = (within = 20_000) =>
      until('everything acknowledged to be received', () => ledger.missing().length === 0, within)
    const defer = (end: () => unknown) => void ends.push(end)
    await run({ folder, ledger, recorder, dns, start, drain, defer })
  } catch (error) {
    for (const node of nodes.slice(-2)) console.error(`the log of ${node.pid} ends:\n${endOf(node.log())}`)
    throw error
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

/** Three providers: three lanes. */
const ZONE = {
  'one.example.net': { MX: [[10, 'mx.one.example.net']] },
  'two.example.net': { MX: [[10, 'mx.two.example.net']] },
  'three.example.net': { MX: [[10, 'mx.three.example.net']] },
  'mx.one.example.net': { A: ['127.0.0.1'] },
  'mx.two.example.net': { A: ['127.0.0.1'] },
  'mx.three.example.net': { A: ['127.0.0.1'] },
} as const

/** Waits for a condition; throws with its name after `within`. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  within = 20_000,
): Promise<number> {
  const begun = performance.now()
  while (!(await condition())) {
    if (performance.now() - begun > within) throw new Error(`waited in vain for ${what}`)
    await Bun.sleep(5)
  }
  return performance.now() - begun
}

/** One line of figures in the test's output, for docs/reliability.md. */
export function say(claim: string, figures: Readonly<Record<string, string | number>>): void {
  const words = Object.entries(figures).map(([name, value]) => `${name} ${value}`)
  console.log(`  ${claim}: ${words.join(' · ')}`)
}

/** Without what was refused: a client in a loop buries everything else. */
const endOf = (log: string): string =>
  log
    .split('\n')
    .filter((line) => !line.includes('refused"'))
    .slice(-30)
    .join('\n')
