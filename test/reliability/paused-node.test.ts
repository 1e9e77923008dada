//
// A node that is stopped for longer than its lease while another one shares its store (F20). The lease is a minute and
// the minute is a true one: a faked monotonic clock starves the waits between threads. So this runs in full runs alone.
//
// A transaction that had begun when the node was stopped goes on with the first packet it reads afterwards: one per
// session may arrive twice. What had not begun stays unsent, and none of it is committed.

import { expect } from 'bun:test'
import { readFileSync } from 'node:fs'
import { SQL } from 'bun'
import { freshDatabase, POSTGRES_URL, postgresBinaries } from '../support/postgres-cluster.ts'
import { type Lab, say, until, withLab } from './lab.ts'
import { post } from './load.ts'
import type { MailNode } from './node.ts'
import { SETPRIV, trial } from './trial.ts'

const MESSAGES = 200
/** The lease, one beat of the other node, and a busy machine. */
const TAKEN_OVER_WITHIN = 120_000

const needs = {
  ...SETPRIV,
  PostgreSQL: Boolean(process.env[POSTGRES_URL]) || postgresBinaries() !== null,
}

if (process.env['MAILWOK_TEST_ALL'] === '1')
  trial(
    {
      claim:
        'a node that was paused beyond its lease ends what it had begun, begins nothing, and commits nothing',
      within: 240_000,
      needs,
    },
    () =>
      withLab(async (lab) => {
        const { ledger, recorder } = lab
        const storeUrl = await freshDatabase()
        const nodeOf = (digit: string) =>
          lab.start({ storeUrl, digit, settings: { 'server.hostname': `"${digit}.example.com"` } })
        const paused = await nodeOf('a')
        // Its sessions are open and quick: then each is given orders ahead.
        await fill(lab, paused)
        await lab.drain()
        recorder.hold(true)
        await fill(lab, paused)
        // They stand at the final dot; the rest waits behind them, in its memory and leased to it.
        await until('its sessions to wait for an answer', () => ledger.receiptCount >= MESSAGES + 20)
        paused.signal('SIGSTOP')
        await until('it to stand still', () => stateOf(paused) === 'T')
        const sessions = recorder.sessions
        const underWay = ledger.receiptCount - MESSAGES

        recorder.hold(false)
        const other = await nodeOf('b')
        const takenOver = await until(
          'the other node to deliver everything',
          () => byHelo(lab, 'b') >= MESSAGES,
          TAKEN_OVER_WITHIN,
        )
        const before = byHelo(lab, 'a')
        paused.signal('SIGCONT')
        await until('the paused node to be ready', async () => (await paused.readyz()) === 200)
        await lab.drain()
        expect(await paused.stop()).toBe(0)
        expect(await other.stop()).toBe(0)
        expect(ledger.wrong).toEqual([])
        const afterwards = byHelo(lab, 'a') - before
        expect(afterwards).toBeLessThanOrEqual(sessions)
        expect(await deliveredTwice(storeUrl)).toEqual([])
        expect(ledger.missing()).toEqual([])
        say('paused node', {
          messages: MESSAGES,
          sessions,
          'unanswered when it was stopped': underWay,
          'sent by it afterwards': afterwards,
          'committed twice': 0,
          lost: 0,
          'taken over after s': (takenOver / 1000).toFixed(0),
        })
      }),
  )

async function fill({ ledger }: Lab, node: MailNode): Promise<void> {
  const names = Array.from({ length: MESSAGES }, () => ledger.newName())
  await Promise.all(
    names.map(async (name) => {
      const recipients = [`${name}@one.example.net`]
      const answered = await post(node, { name, recipients, text: `mark:${name}\r\nhello\r\n` })
      expect(answered?.status).toBe(200)
      ledger.acknowledge(recipients, 'rest')
    }),
  )
}

/** Receipts from one node. */
const byHelo = ({ ledger }: Lab, digit: string): number =>
  [...ledger.receipts.values()].flat().filter(({ helo }) => helo === `${digit}.example.com`).length

/** One letter, as ps shows it; behind the name, which stands in brackets. */
const stateOf = ({ pid }: MailNode): string =>
  readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0] ?? ''

/** Deliveries of which the log says twice that they were delivered. */
async function deliveredTwice(url: string): Promise<readonly string[]> {
  const sql = new SQL(url, { max: 1 })
  try {
    const rows = (await sql`SELECT delivery_id FROM events WHERE type = 'email.delivered'
      GROUP BY delivery_id HAVING count(*) > 1`) as { delivery_id: string }[]
    return rows.map((row) => row.delivery_id)
  } finally {
    await sql.close({ timeout: 1 })
  }
}
