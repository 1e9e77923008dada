//
// Owns: what relaying costs: smtp-source → MailWok, Postfix with OpenDKIM, bare Postfix → smtp-sink, in turns.
// Run: bun run build && bun bench/relay.ts [rounds]
//
// Every peer answers 250 when its message is on disk (MailWok: SQLite with synchronous=FULL; Postfix: its queue file
// synced), and delivers over at most 20 connections. The end is the sink's last 250.

import type { Peer } from './support/postfix.ts'
import { type Cpu, total, withEnds } from './support/processes.ts'
import { median, megabytes, perMessage, table, times, whole, writeSection } from './support/results.ts'
import { addUp, type Round } from './support/round.ts'
import { mailwokOn, openStage, postfixOn, postgresOn, proveAll, sinkOn, takeTurns } from './support/stage.ts'

const rounds = Number(process.argv[2] ?? 5)
const LOAD = { connections: 20, size: 4096 }

interface Run {
  readonly played: ReadonlyMap<Peer, readonly Round[]>
  readonly signatures: ReadonlyMap<Peer, string>
}

/** Against the peers; with one connection for many messages, and with one for each. */
const besidePeers = (connectionEach: boolean): Promise<Run> =>
  withEnds(async (use) => {
    const stage = openStage(use)
    const mailwok = await mailwokOn(stage)
    const signing = await postfixOn(stage, true)
    const bare = await postfixOn(stage, false)
    const signatures = await proveAll(stage, [mailwok, signing, bare], LOAD.size)
    const turns = [
      { peer: mailwok, messages: connectionEach ? 6_000 : 15_000 },
      { peer: signing, messages: 1_500 },
      { peer: bare, messages: 5_000 },
    ]
    const sink = await sinkOn(stage)
    const played = await takeTurns(turns, { sink, rounds, load: { ...LOAD, connectionEach } })
    return { played, signatures }
  })

const engines = (): Promise<Run> =>
  withEnds(async (use) => {
    const stage = openStage(use)
    const sqlite = await mailwokOn(stage, { name: 'SQLite' })
    const postgres = await mailwokOn(stage, { name: 'PostgreSQL', store: await postgresOn(stage) })
    const signatures = await proveAll(stage, [sqlite, postgres], LOAD.size)
    const sink = await sinkOn(stage)
    const turns = [sqlite, postgres].map((peer) => ({ peer, messages: 12_000 }))
    return { played: await takeTurns(turns, { sink, rounds, load: LOAD }), signatures }
  })

const acceptRate = (rounds: readonly Round[]) => median(rounds.map((r) => r.messages / r.acceptSeconds))
const endRate = (rounds: readonly Round[]) => median(rounds.map((r) => r.messages / r.endSeconds))
const messagesOf = (rounds: readonly Round[]) => rounds.reduce((sum, round) => sum + round.messages, 0)

function ratesTable({ played, signatures }: Run): string {
  const first = [...played.values()][0] ?? []
  return table({
    head: [
      '',
      'verified signatures',
      'accepted/s',
      'delivered/s',
      'rounds',
      'CPU per message',
      'RSS',
      'first ÷ this',
    ],
    rows: [...played].map(([peer, rounds]) => [
      peer.name,
      signatures.get(peer) ?? 'none',
      whole(acceptRate(rounds)),
      whole(endRate(rounds)),
      rounds.map((r) => whole(r.messages / r.endSeconds)).join(' '),
      perMessage(total(addUp(rounds.map((r) => r.programs))), messagesOf(rounds)),
      megabytes(median(rounds.map((r) => r.rss))),
      times(endRate(first) / endRate(rounds)),
    ]),
  })
}

/** Where the processor time of each peer went. */
function costs({ played }: Run): string {
  const lines = [...played].map(([peer, rounds], place) => {
    const count = messagesOf(rounds)
    const said = (cpu: Cpu): string =>
      [...cpu]
        .filter(([, seconds]) => seconds / count > 2e-6)
        .map(([name, seconds]) => `${name} ${perMessage(seconds, count)}`)
        .join(' · ')
    const threads = place === 0 ? `; by thread: ${said(addUp(rounds.map((r) => r.threads)))}` : ''
    return `- ${peer.name}: ${said(addUp(rounds.map((r) => r.programs)))}${threads}`
  })
  const all = [...played.values()].flat()
  const sink = perMessage(total(addUp(all.map((r) => r.sinkCpu))), messagesOf(all))
  return `Processor time per message:\n${lines.join('\n')}\n- the sink: ${sink}`
}

const relay = await besidePeers(false)
const each = await besidePeers(true)
const stores = await engines()
writeSection({
  script: 'relay',
  title: 'Relay',
  command: `bun bench/relay.ts${process.argv[2] ? ` ${process.argv[2]}` : ''}`,
  programs: ['mailwok', 'postfix', 'opendkim', 'postgres'],
  body: `${LOAD.connections} connections, messages of ${LOAD.size} octets; ${rounds} rounds in turns after one to warm up. Before,
three messages of each peer were received and every signature was verified.

${ratesTable(relay)}

${costs(relay)}

### A connection for each message

${ratesTable(each)}

### MailWok on PostgreSQL, beside MailWok on SQLite

Both with RSA-2048 and Ed25519; PostgreSQL's own processes are not counted with MailWok's.

${ratesTable(stores)}`,
})
