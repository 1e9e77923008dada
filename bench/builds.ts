//
// Owns: one build of MailWok against another, in turns on one machine: whether a change made the relay slower.
// Run: bun bench/builds.ts BEFORE AFTER [rounds]   (paths of executables)
//
// Writes no section: the figures that are kept are those of bench/relay.ts.

import { total, withEnds } from './support/processes.ts'
import { median, ms, whole } from './support/results.ts'
import { addUp } from './support/round.ts'
import { mailwokOn, openStage, sinkOn, takeTurns } from './support/stage.ts'

const [before = '', after = '', rounds = '5'] = process.argv.slice(2)
const LOAD = { connections: 20, size: 4096 }

await withEnds(async (use) => {
  const stage = openStage(use)
  const peers = [
    await mailwokOn(stage, { name: 'before', executable: before }),
    await mailwokOn(stage, { name: 'after', executable: after }),
  ]
  const sink = await sinkOn(stage)
  const turns = peers.map((peer) => ({ peer, messages: 12_000 }))
  const played = await takeTurns(turns, { sink, rounds: Number(rounds), load: LOAD })
  for (const [peer, its] of played) {
    const rate = median(its.map((round) => round.messages / round.endSeconds))
    const messages = its.reduce((sum, round) => sum + round.messages, 0)
    const cpu = [...addUp(its.map((round) => round.threads))]
      .map(([name, seconds]) => `${name} ${ms((1000 * seconds) / messages)}`)
      .join(', ')
    const all = (1000 * total(addUp(its.map((round) => round.programs)))) / messages
    const rss = whole(median(its.map((round) => round.rss)) / 1024 / 1024)
    console.log(
      `${peer.name}: ${whole(rate)} messages/s, RSS ${rss} MB, ${ms(all)} of processor time each (${cpu})`,
    )
  }
})
