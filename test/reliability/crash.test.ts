//
// kill -9 under load, again and again, on the same data (F1, F10). MAILWOK_CRASH_ROUNDS and MAILWOK_SEED repeat a run.

import { expect } from 'bun:test'
import { freshDatabase, POSTGRES_URL, postgresBinaries } from '../support/postgres-cluster.ts'
import { chanceOf } from './chance.ts'
import { type Lab, say, until, withLab } from './lab.ts'
import type { Ledger } from './ledger.ts'
import { Load } from './load.ts'
import { SETPRIV, trial } from './trial.ts'
import { askPostgres, askSqlite, type Witness } from './witness.ts'

const ASKED = process.env['MAILWOK_CRASH_ROUNDS']
const IS_FULL_RUN = process.env['MAILWOK_TEST_ALL'] === '1'
/** The second engine is quicker proven in a quick run: what is above the store is the same. */
const ROUNDS = {
  SQLite: Number(ASKED ?? (IS_FULL_RUN ? 30 : 5)),
  PostgreSQL: Number(ASKED ?? (IS_FULL_RUN ? 30 : 3)),
} as const
type Engine = keyof typeof ROUNDS

const claimOf = (engine: Engine): string =>
  `of what was acknowledged nothing is lost over ${ROUNDS[engine]} rounds of kill -9 under load (${engine})`
/** Delay, start, and what the witness takes, with room for a busy machine. */
const withinOf = (engine: Engine): number => 60_000 + ROUNDS[engine] * 10_000

const hasPostgres = Boolean(process.env[POSTGRES_URL]) || postgresBinaries() !== null

trial({ claim: claimOf('SQLite'), within: withinOf('SQLite'), needs: SETPRIV }, () =>
  withLab((lab) => crash(lab, { rounds: ROUNDS.SQLite, storeUrl: null })),
)

trial(
  {
    claim: claimOf('PostgreSQL'),
    within: withinOf('PostgreSQL'),
    needs: { ...SETPRIV, PostgreSQL: hasPostgres },
  },
  async () => {
    const storeUrl = await freshDatabase()
    await withLab((lab) => crash(lab, { rounds: ROUNDS.PostgreSQL, storeUrl }))
  },
)

interface Crashes {
  readonly rounds: number
  /** Null for SQLite in the lab's folder. */
  readonly storeUrl: string | null
}

async function crash(lab: Lab, { rounds, storeUrl }: Crashes): Promise<void> {
  const { ledger } = lab
  const chance = chanceOf()
  const load = new Load({ ledger, chance, smtpClients: 8, restClients: 8 })
  const witnesses: Witness[] = []
  /** What each start says of the life before it. */
  const doubtful: number[] = []
  const readyAfter: number[] = []
  const options = storeUrl === null ? {} : { storeUrl }
  for (let round = 1; round <= rounds; round += 1) {
    ledger.life = round
    const node = await lab.start(options)
    readyAfter.push(node.readyAfter)
    if (round > 1) doubtful.push(doubtfulIn(node.log()))
    load.start(node)
    await Bun.sleep(chance.between(50, 3000))
    ledger.endLife()
    node.signal('SIGKILL')
    await node.exited
    await load.stop()
    // What lay in the sockets still arrives: the receipts of this life are complete when its last session is gone.
    await until('the sessions of the dead node to end', () => lab.recorder.sessions === 0)
    witnesses.push(storeUrl === null ? askSqlite(lab.folder) : await askPostgres(storeUrl))
    expect(forgotten(ledger, witnesses.at(-1))).toEqual([])
  }
  ledger.life = rounds + 1
  const last = await lab.start(options)
  readyAfter.push(last.readyAfter)
  doubtful.push(doubtfulIn(last.log()))
  await lab.drain()
  expect(await last.stop()).toBe(0)
  expect(ledger.missing()).toEqual([])
  expect([...new Set(ledger.acknowledged.values())].sort()).toEqual(['rest', 'smtp'])
  expect(ledger.wrong).toEqual([])
  expect(unexplained(ledger, witnesses)).toEqual([])
  expect(mostOfOneKill(ledger)).toBeLessThanOrEqual(UNSETTLED_PER_SESSION * lab.recorder.mostSessions)
  expect(untold(ledger, doubtful)).toEqual([])
  expect(Math.max(...doubtful)).toBeLessThanOrEqual(UNSETTLED_PER_SESSION * lab.recorder.mostSessions)
  tell(lab, { rounds, storeUrl, seed: chance.seed, readyAfter, doubtful })
}

const doubtfulIn = (log: string): number => {
  const line = log.split('\n').find((each) => each.includes('may arrive twice'))
  return line === undefined ? 0 : Number(JSON.parse(line).count)
}

/** More came twice than the start after that kill had said. */
const untold = (ledger: Ledger, doubtful: readonly number[]): readonly string[] =>
  [...doublesOfKills(ledger)].flatMap(([life, doubles]) => {
    const said = doubtful[life - 1] ?? 0
    return doubles <= said ? [] : [`life ${life}: ${doubles} came twice, ${said} were said`]
  })

/** A session goes on while the outcome of its last message is on its way into the store, and no further. */
const UNSETTLED_PER_SESSION = 2

const mostOfOneKill = (ledger: Ledger): number => Math.max(0, ...doublesOfKills(ledger).values())

const doublesOfKills = (ledger: Ledger): ReadonlyMap<number, number> =>
  new Map(
    [...Map.groupBy(ledger.duplicated(), ({ first }) => first.life)].map(([life, all]) => [life, all.length]),
  )

/** Acknowledged, and not in the store after the kill. */
const forgotten = (ledger: Ledger, witness: Witness | undefined): readonly string[] =>
  [...ledger.acknowledged.keys()].filter((recipient) => !witness?.known.has(recipient))

/**
 * A second receipt is explained when the first one came from a life that was killed before the outcome was committed.
 * Within one life nobody gets anything twice.
 */
function unexplained(ledger: Ledger, witnesses: readonly Witness[]): readonly string[] {
  return ledger.duplicated().flatMap(({ recipient, first, next }) => {
    if (first.life === next.life) return [`${recipient}: twice in life ${first.life}`]
    const isCommitted = witnesses[first.life - 1]?.delivered.has(recipient) ?? true
    return isCommitted
      ? [`${recipient}: again in life ${next.life} although life ${first.life} committed it`]
      : []
  })
}

interface Told extends Crashes {
  readonly seed: number
  readonly readyAfter: readonly number[]
  readonly doubtful: readonly number[]
}

function tell({ ledger, recorder }: Lab, { rounds, storeUrl, seed, readyAfter, doubtful }: Told): void {
  const duplicated = ledger.duplicated()
  const before = duplicated.map(({ first }) => {
    const end = ledger.ends.find(({ life }) => life === first.life)
    return { receipts: (end?.receipts ?? 0) - first.place + 1, ms: (end?.at ?? 0) - first.at }
  })
  const doors = [...ledger.acknowledged.values()]
  say(`kill -9, ${storeUrl === null ? 'SQLite' : 'PostgreSQL'}`, {
    seed,
    rounds,
    'acknowledged by SMTP': doors.filter((door) => door === 'smtp').length,
    'by REST': doors.filter((door) => door === 'rest').length,
    lost: ledger.missing().length,
    'received twice': duplicated.length,
    'said to be possibly twice': doubtful.reduce((sum, each) => sum + each, 0),
    'most of one kill': mostOfOneKill(ledger),
    'most sessions': recorder.mostSessions,
    'earliest of them, receipts before the kill': Math.max(0, ...before.map(({ receipts }) => receipts)),
    'and in ms': Math.max(0, ...before.map(({ ms }) => ms)).toFixed(1),
    'slowest restart in ms': Math.max(...readyAfter.slice(1)).toFixed(0),
  })
}
