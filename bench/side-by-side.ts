//
// Owns: what one send costs in one build of MailWok against another: both run at the same time and are asked alike, so
// what else the machine does falls on both. Differences of two percent show where turns show ten.
// Run: bun bench/side-by-side.ts BEFORE AFTER [rounds]   (paths of executables)
//
// Writes no section: the figures that are kept are those of bench/api.ts.

import type { Mailwok } from './support/mailwok.ts'
import { type Cpu, cpuByThread, cpuSince, total, withEnds } from './support/processes.ts'
import { median, whole } from './support/results.ts'
import { addUp, byDuty } from './support/round.ts'
import { mailwokOn, openStage } from './support/stage.ts'
import { loadByWrk } from './support/wrk.ts'

const [before = '', after = '', rounds = '11'] = process.argv.slice(2)
const LOAD = { connections: 16, seconds: 4 }

const PARAGRAPH = 'Thank you for your order. It left our house this morning and should be with you tomorrow. '
const body = {
  from: 'Shop <shop@example.com>',
  to: 'Reader <reader@example.net>',
  subject: 'Your order 4711',
  text: `Dear Ada,\n\n${PARAGRAPH.repeat(10)}\n`,
  html: `<html><body><p>Dear Ada,</p>${`<p>${PARAGRAPH}</p>`.repeat(20)}</body></html>`,
}

interface Played {
  readonly answers: number
  readonly threads: Cpu
}

async function play({ api, pid }: Mailwok, folder: string): Promise<Played> {
  const start = cpuByThread(pid)
  const { answers } = await loadByWrk({ ...LOAD, url: `${api}/v1/email/send`, body, folder })
  return { answers, threads: cpuSince(start, cpuByThread(pid)) }
}

const perAnswer = ({ answers, threads }: Played): number => (1_000_000 * total(threads)) / answers

await withEnds(async (use) => {
  const stages = [openStage(use), openStage(use)] as const
  const nodes = [
    {
      name: 'before',
      node: await mailwokOn(stages[0], { executable: before, roles: ['api'] }),
      stage: stages[0],
    },
    {
      name: 'after',
      node: await mailwokOn(stages[1], { executable: after, roles: ['api'] }),
      stage: stages[1],
    },
  ]
  const all = async () => Promise.all(nodes.map(({ node, stage }) => play(node, stage.folder)))
  // Compilers are busy with the first one.
  await all()
  const played: (readonly Played[])[] = []
  for (let round = 0; round < Number(rounds); round += 1) played.push(await all())
  for (const [index, { name }] of nodes.entries()) {
    const its = played.flatMap((round) => round[index] ?? [])
    const answers = its.reduce((sum, one) => sum + one.answers, 0)
    const threads = [...byDuty(addUp(its.map((one) => one.threads)))]
      .map(([kind, seconds]) => `${kind} ${whole((1_000_000 * seconds) / answers)}`)
      .join(', ')
    console.log(`${name}: ${whole(median(its.map(perAnswer)))} µs of processor time a send (${threads})`)
  }
})
