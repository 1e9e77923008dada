//
// Owns: whose boot lives, and setting deliveries free whose holder is gone.

import { MINUTE, type Milliseconds } from '../../core/time.ts'
import type { Whole } from '../columns.ts'
import type { Holder } from '../store.ts'
import { asJson, lookUp, rowsAt } from './bulk.ts'
import { LineLedger } from './lines.ts'
import type { Transaction } from './writer.ts'

/** A crashed node may have held many thousands; nobody shall wait while they are all set free. */
const FREE_AT_ONCE = 1000

/** The server's clock alone: nodes whose wall clocks differ must not bury each other. */
const SERVER_NOW = `(extract(epoch FROM clock_timestamp()) * 1000)::bigint`

/** `met` is false when the boot was not known: another node had buried it, or this is its first beat. */
const SAY_ALIVE = `
  WITH known AS (
    UPDATE boots SET alive_until = greatest(alive_until, ${SERVER_NOW} + $3::bigint)
     WHERE node = $1 AND boot = $2 RETURNING 1)
  INSERT INTO boots (node, boot, alive_until)
  SELECT $1, $2, ${SERVER_NOW} + $3::bigint WHERE NOT EXISTS (SELECT FROM known)
  ON CONFLICT (node, boot) DO NOTHING
  RETURNING node`

const INTRODUCE = `
  INSERT INTO boots (node, boot, alive_until) VALUES ($1, $2, ${SERVER_NOW} + $3::bigint) ON CONFLICT DO NOTHING`
/** A boot that is seen before its first beat counts as alive for this long. */
const FIRST_BEAT_WITHIN: Milliseconds = MINUTE

/** Locked, so that a node that speaks up at this moment either is heard before, or finds its leases gone. */
const GONE = `
  SELECT node, boot FROM boots
   WHERE (node = $1 AND boot <> $2) OR (node <> $1 AND alive_until < ${SERVER_NOW})
   ORDER BY node, boot FOR UPDATE SKIP LOCKED`

const FREE = (chosen: string): string => `
  WITH chosen AS (${chosen}),
  freed AS (DELETE FROM leased l USING chosen c
             WHERE ${lookUp('l.delivery_id', 'c.delivery_id')} RETURNING l.delivery_id)
  INSERT INTO waiting (line, due_at, delivery_id)
  SELECT d.line, d.due_at, d.id FROM freed f JOIN deliveries d ON ${lookUp('d.id', 'f.delivery_id')}
   WHERE d.state = 'queued'
  ON CONFLICT DO NOTHING
  RETURNING line, due_at, delivery_id`

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
  readonly line: Whole
  readonly due_at: Whole
  readonly delivery_id: string
}

/** A lease without its boot's row would never be set free: a holder is introduced with its first lease. */
export async function introduce(tx: Transaction, holder: Holder): Promise<void> {
  await tx.run(INTRODUCE, [holder.node, holder.boot, FIRST_BEAT_WITHIN])
}

export interface Freed {
  readonly count: number
  /** There may be more: call again. */
  readonly more: boolean
  readonly buried: boolean
}

export interface Life {
  readonly holder: Holder
  /** How long the holder lives from now on. */
  readonly lease: Milliseconds
}

export async function beat(tx: Transaction, { holder, lease }: Life): Promise<Freed> {
  const { node, boot } = holder
  const [entered] = await tx.run<{ node: string }>(SAY_ALIVE, [node, boot, lease])
  const buried = entered !== undefined
  const gone = await tx.run<{ node: string; boot: string }>(GONE, [node, boot])
  if (gone.length === 0) return { count: 0, more: false, buried }
  const whom = asJson(gone.map((one) => ({ node: one.node, boot: one.boot })))
  const count = await free(tx, FREE_GONE, [whom])
  const more = count >= FREE_AT_ONCE
  if (!more) await tx.run(FORGET_GONE, [whom])
  return { count, more, buried }
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
  const ledger = new LineLedger()
  for (const row of rows) ledger.came(Number(row.line), Number(row.due_at), row.delivery_id)
  await ledger.write(tx)
  return rows.length
}
