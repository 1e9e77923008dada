//
// Owns: whose boot lives, and setting deliveries free whose holder is gone.

import { MINUTE, type Milliseconds } from '../../core/time.ts'
import type { Whole } from '../columns.ts'
import type { Holder } from '../store.ts'
import { asJson, lookUp, rowsAt } from './bulk.ts'
import { DestinationLedger } from './destinations.ts'
import type { Transaction } from './writer.ts'

/** A crashed node may have held many thousands; nobody shall wait while they are all set free. */
const FREE_AT_ONCE = 1000

const SAY_ALIVE = `
  INSERT INTO boots (node, boot, alive_until) VALUES ($1, $2, $3)
  ON CONFLICT (node, boot) DO UPDATE SET alive_until = greatest(boots.alive_until, excluded.alive_until)`

const INTRODUCE = 'INSERT INTO boots (node, boot, alive_until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING'
/** A boot that is seen before its first beat counts as alive for this long. */
const FIRST_BEAT_WITHIN: Milliseconds = MINUTE

/** Locked, so that a node that speaks up at this moment either is heard before, or finds its leases gone. */
const GONE = `
  SELECT node, boot FROM boots
   WHERE (node = $1 AND boot <> $2) OR (node <> $1 AND alive_until < $3)
   ORDER BY node, boot FOR UPDATE SKIP LOCKED`

const FREE = (chosen: string): string => `
  WITH chosen AS (${chosen}),
  freed AS (DELETE FROM leased l USING chosen c
             WHERE ${lookUp('l.delivery_id', 'c.delivery_id')} RETURNING l.delivery_id)
  INSERT INTO waiting (destination, due_at, delivery_id)
  SELECT d.destination, d.due_at, d.id FROM freed f JOIN deliveries d ON ${lookUp('d.id', 'f.delivery_id')}
   WHERE d.state = 'queued'
  ON CONFLICT DO NOTHING
  RETURNING destination, due_at`

const FREE_GONE = FREE(`
  SELECT l.delivery_id FROM leased l
   WHERE EXISTS (SELECT FROM ${rowsAt('$1', 'g', ['node', 'boot'])} WHERE g.node = l.node AND g.boot = l.boot)
   LIMIT ${FREE_AT_ONCE} FOR UPDATE OF l SKIP LOCKED`)

const FREE_THESE = FREE(`
  SELECT l.delivery_id FROM ${rowsAt('$1', 'i', ['delivery_id', 'node', 'boot'])}
    JOIN leased l ON ${lookUp('l.delivery_id', 'i.delivery_id')} AND l.node = i.node AND l.boot = i.boot FOR UPDATE OF l`)

const FORGET_GONE = `
  DELETE FROM boots b USING ${rowsAt('$1', 'g', ['node', 'boot'])} WHERE ${lookUp('b.node', 'g.node')} AND b.boot = g.boot`

interface FreedRow {
  readonly destination: string
  readonly due_at: Whole
}

/** A lease without its boot's row would never be set free: a holder is introduced with its first lease. */
export async function introduce(tx: Transaction, holder: Holder, now: Milliseconds): Promise<void> {
  await tx.run(INTRODUCE, [holder.node, holder.boot, now + FIRST_BEAT_WITHIN])
}

export interface Freed {
  readonly count: number
  /** There may be more: call again. */
  readonly more: boolean
}

export interface Beat {
  readonly holder: Holder
  readonly now: number
  readonly until: number
}

export async function beat(tx: Transaction, { holder, now, until }: Beat): Promise<Freed> {
  const { node, boot } = holder
  await tx.run(SAY_ALIVE, [node, boot, until])
  const gone = await tx.run<{ node: string; boot: string }>(GONE, [node, boot, now])
  if (gone.length === 0) return { count: 0, more: false }
  const whom = asJson(gone.map((one) => ({ node: one.node, boot: one.boot })))
  const count = await free(tx, FREE_GONE, [whom])
  const more = count >= FREE_AT_ONCE
  if (!more) await tx.run(FORGET_GONE, [whom])
  return { count, more }
}

/** A lease that nobody remembers: the commit that made it was thought to have failed. */
export interface DoubtfulLease extends Record<string, string> {
  readonly delivery_id: string
  readonly node: string
  readonly boot: string
}

export const freeThese = (tx: Transaction, leases: readonly DoubtfulLease[]): Promise<number> =>
  free(tx, FREE_THESE, [asJson(leases)])

async function free(tx: Transaction, statement: string, values: readonly string[]): Promise<number> {
  const rows = await tx.run<FreedRow>(statement, values)
  const ledger = new DestinationLedger()
  for (const row of rows) ledger.came(row.destination, Number(row.due_at))
  await ledger.write(tx)
  return rows.length
}
