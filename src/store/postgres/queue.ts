//
// Owns: QueueStore on PostgreSQL: which operations join the group, and which have connections of their own.

import type { Domain } from '../../core/address.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { claimedOfRow } from '../rows.ts'
import type { AcceptConflict, Beat, QueueStore, Together } from '../store.ts'
import { type StoreFault, StoreUnavailable } from '../store-fault.ts'
import { asJson, lookUp, rowsAt } from './bulk.ts'
import { command } from './command.ts'
import { expiredOn } from './expired.ts'
import { bringForward } from './forward.ts'
import type { GroupCommit } from './group.ts'
import { beat, type Life } from './leases.ts'
import { QueueLook } from './look.ts'
import type { Pool } from './pool.ts'

/** In the order of their numbers, as everybody locks them. */
const FOLLOW = `
  UPDATE lines l SET provider = f.provider
    FROM (SELECT o.id, r.provider FROM ${rowsAt('$1', 'r', ['destination', 'provider'])}
            JOIN lines o ON ${lookUp('o.destination', 'r.destination')} AND o.provider <> r.provider
           ORDER BY o.id FOR UPDATE OF o) f
   WHERE ${lookUp('l.id', 'f.id')}`

const ASSIGN = `
  INSERT INTO destinations AS d (destination, provider)
  SELECT destination, provider FROM ${rowsAt('$1', 'r', ['destination', 'provider'])}
   ORDER BY destination COLLATE "C"
  ON CONFLICT (destination) DO UPDATE SET provider = excluded.provider WHERE d.provider <> excluded.provider`

export function queueOn(group: GroupCommit, pool: Pool): Omit<QueueStore, 'late'> {
  const look = new QueueLook(pool)
  return {
    accept: (acceptance) => {
      const { holder, idempotency } = acceptance
      return acceptAll(group, { acceptances: [acceptance], idempotency, holder })
    },
    acceptAll: (together) => acceptAll(group, together),
    settle: (settlements, holder) =>
      new Promise((resolve, reject) => {
        if (settlements.length === 0) return resolve(ok({ settled: 0, stale: 0 }))
        group.put({
          kind: 'settle',
          settlements,
          holder,
          done: (count) => resolve(ok(count)),
          failed: (why, error) => (why === 'refused' ? reject(error) : resolve(fault(why))),
        })
      }),
    claim: (asks, now, holder) =>
      new Promise((resolve, reject) => {
        if (asks.length === 0) return resolve([])
        group.put({
          kind: 'claim',
          order: { asks, now },
          holder,
          done: (rows) => resolve(rows.map(claimedOfRow)),
          failed: (why, error) =>
            reject(
              why === 'refused'
                ? error
                : new StoreUnavailable(`nothing was claimed: ${why}`, { cause: error }),
            ),
        })
      }),
    dueLines: (ask) => look.due(ask),
    overview: (limit) => look.overview(limit),
    nextDueAt: () => look.nextDueAt(),
    command: (name, filter, now) => command(pool, { command: name, filter, now }),
    drop: (filter, now, eventId, reason) => command(pool, { command: 'drop', filter, now, eventId, reason }),
    heartbeat: (holder, now, until) => heartbeat(pool, { holder, lease: until - now }),
    expired: (ask) => expiredOn(pool, ask),
    bringForward: (now, back) => bringForward(pool, now, back),
    assignProviders: (assignments) => assignProviders(pool, assignments),
  }
}

const acceptAll = (
  group: GroupCommit,
  together: Together,
): Promise<Result<void, StoreFault | AcceptConflict>> =>
  new Promise((resolve, reject) => {
    group.put({
      kind: 'accept',
      together,
      done: (conflict) => resolve(conflict ? fault(conflict) : ok(undefined)),
      failed: (why, error) => (why === 'refused' ? reject(error) : resolve(fault(why))),
    })
  })

async function heartbeat(pool: Pool, life: Life): Promise<Beat> {
  let freed = 0
  for (let buried: boolean | null = null; ; ) {
    const some = await pool.transact((tx) => beat(tx, life))
    buried ??= some.buried
    freed += some.count
    if (!some.more) return { freed, buried }
  }
}

async function assignProviders(
  pool: Pool,
  assignments: readonly { destination: Domain; provider: string }[],
): Promise<void> {
  if (assignments.length === 0) return
  const last = new Map(assignments.map((one) => [one.destination, one.provider]))
  const rows = [...last].map(([destination, provider]) => ({ destination, provider }))
  await pool.transact(async (tx) => {
    await tx.run(ASSIGN, [asJson(rows)])
    await tx.run(FOLLOW, [asJson(rows)])
  })
}
