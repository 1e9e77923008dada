//
// Owns: what all relay figures share: a folder for the run, a receiver, the proof of each peer, and turns: every peer
// plays one round before the first one plays its second, so that a slow minute of the machine meets all of them.

import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { administer, PostgresCluster } from '../../test/support/postgres-cluster.ts'
import { type Mailwok, type MailwokOptions, startMailwok } from './mailwok.ts'
import { type Peer, startPostfix } from './postfix.ts'
import { freePort, quiet } from './processes.ts'
import { playRound, type Round } from './round.ts'
import { prove } from './signed.ts'
import { type Load, type Sink, startSink } from './smtp-tools.ts'

export type Use = (end: () => unknown) => void

export interface Stage {
  readonly folder: string
  readonly sinkPort: number
  readonly use: Use
}

export function openStage(use: Use): Stage {
  // BENCH_DIR chooses the disk that is measured.
  const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'mailwok-bench-'))
  use(() => rmSync(folder, { recursive: true, force: true }))
  // Postfix and OpenDKIM run as users of their own.
  chmodSync(folder, 0o755)
  return { folder, sinkPort: freePort(), use }
}

export async function mailwokOn(
  { folder, sinkPort, use }: Stage,
  options: Partial<MailwokOptions> = {},
): Promise<Mailwok> {
  const own = join(folder, (options.name ?? 'mailwok').replace(/\W+/g, '-'))
  const mailwok = await startMailwok({ sinkPort, ...options, folder: own })
  use(() => mailwok.stop())
  return mailwok
}

export async function postfixOn({ folder, sinkPort, use }: Stage, signed: boolean): Promise<Peer> {
  const own = join(folder, signed ? 'postfix-signed' : 'postfix')
  const peer = await startPostfix({ folder: own, port: freePort(), sinkPort, signed })
  use(() => peer.stop())
  return peer
}

/** The url of an empty database in a cluster of this run's own. */
export async function postgresOn({ use }: Stage): Promise<string> {
  const cluster = await PostgresCluster.start()
  use(() => cluster.stop())
  await administer(cluster.url, 'CREATE DATABASE mailwok')
  return cluster.url.replace(/\/postgres$/, '/mailwok')
}

export async function sinkOn({ folder, sinkPort, use }: Stage): Promise<Sink> {
  const sink = await startSink({ port: sinkPort, folder: countersOf(folder, use), dump: null })
  use(() => sink.stop())
  return sink
}

/** In memory where there is such a place: no figure may depend on the sink's counters reaching a disk. */
function countersOf(folder: string, use: Use): string {
  const made = mkdtempSync(join('/dev/shm', 'mailwok-bench-'))
  use(() => rmSync(made, { recursive: true, force: true }))
  mkdirSync(folder, { recursive: true })
  return made
}

/** For each peer the algorithms of its signatures, all verified. Before the sink of the figures takes the port. */
export async function proveAll(
  stage: Stage,
  peers: readonly Peer[],
  size: number,
): Promise<ReadonlyMap<Peer, string>> {
  const dump = join(stage.folder, 'dump')
  mkdirSync(dump)
  const sink = await startSink({ port: stage.sinkPort, folder: stage.folder, dump })
  const proven = new Map<Peer, string>()
  try {
    for (const peer of peers) {
      const signatures = await prove(peer, dump, size)
      proven.set(peer, signatures.length === 0 ? 'none' : signatures.join(' + '))
    }
  } finally {
    await sink.stop()
    rmSync(dump, { recursive: true, force: true })
  }
  return proven
}

export interface Turn {
  readonly peer: Peer
  /** More for the quicker: rounds of about the same length. */
  readonly messages: number
}

export interface Turns {
  readonly sink: Sink
  readonly load: Omit<Load, 'port' | 'messages'>
  readonly rounds: number
}

/** A first round of each peer warms up and does not count. */
export async function takeTurns(
  turns: readonly Turn[],
  { sink, load, rounds }: Turns,
): Promise<ReadonlyMap<Peer, readonly Round[]>> {
  const played = new Map<Peer, Round[]>(turns.map(({ peer }) => [peer, []]))
  for (const { peer } of turns) await quiet(peer.pids)
  for (let round = 0; round <= rounds; round += 1) {
    for (const { peer, messages } of turns) {
      const count = round === 0 ? Math.ceil(messages / 3) : messages
      const result = await playRound(peer, sink, { ...load, messages: count })
      const rate = Math.round(result.messages / result.endSeconds)
      console.log(`${round === 0 ? 'warm-up' : `round ${round}`}: ${peer.name}: ${rate} messages/s`)
      if (round > 0) played.get(peer)?.push(result)
    }
  }
  return played
}
