//
// Owns: what is heard of a delivery after its end, as one commit for both engines.
// Never: moves anything but `delivered` to `bounced`.
//
// The first statement takes the row: two that tell the same at once are told one after the other, and the second one
// sees what the first one wrote.

import { type RawBuilder, sql } from 'kysely'
import type { MailEvent } from '../core/event.ts'
import { messageOf } from '../core/ids.ts'
import { fault, ok, type Result } from '../core/result.ts'
import { compilerFor, type Executor, type Query, statement } from './executor.ts'
import { EVENT_COLUMNS, eventValues } from './log-rows.ts'
import { bitOf } from './search/block.ts'
import type { LateEnd, LateNews, Store } from './store.ts'
import type { StoreFault } from './store-fault.ts'

interface TakenRow {
  readonly state: string
}

function statementsFor(engine: Store['engine']) {
  const db = compilerFor(engine)
  const body = engine === 'sqlite' ? sql`e.body` : sql`e.body::json`
  const columns = sql.join(EVENT_COLUMNS.map((column) => sql.ref(column)))
  const values = sql.join(
    EVENT_COLUMNS.map((column) => (column === 'at' ? sql`cast(${0} as bigint)` : sql`cast(${''} as text)`)),
  )
  /** Nothing when the same was said of this delivery before, whenever and by whatever event id. */
  const tell = (demand: RawBuilder<unknown>, same: RawBuilder<unknown>) =>
    statement<{ id: string }>(() =>
      sql<{ id: string }>`
          insert into events (${columns}) select ${values} from deliveries d
           where d.id = ${''} and ${demand} and not exists (
             select 1 from events e
              where e.message_id = d.message_id and e.delivery_id = d.id and e.type = ${''} and ${same})
          returning id`.compile(db),
    )
  return {
    take: statement<TakenRow>(() =>
      db
        .updateTable('deliveries')
        .set((is) => ({ recipient: is.ref('recipient') }))
        .where('id', '=', '')
        .returning('state'),
    ),
    // A person complains once, whatever programs pass it on, and whoever holds the message may write reports of it.
    complain: tell(sql`d.finished_at is not null`, sql`${body}->>'feedbackType' = ${''}`),
    tell: tell(sql`d.finished_at is not null`, sql`e.body = ${''}`),
    tellBounce: tell(sql`d.state = 'delivered'`, sql`e.body = ${''}`),
    bounce: statement(() =>
      db
        .updateTable('deliveries')
        .set({ state: 'bounced', finished_at: 0 })
        .where('id', '=', '')
        .where('state', '=', sql.lit('delivered')),
    ),
    // Who looks for bounces looks there, too (search/block.ts).
    markBounced: statement(() =>
      sql`update search_blocks set states = states | ${sql.lit(bitOf('bounced'))}
             where first_id = (select max(first_id) from search_blocks where first_id <= ${''})`.compile(db),
    ),
  }
}

export function lateOn(
  engine: Store['engine'],
  executor: Executor,
): (news: LateNews) => Promise<Result<LateEnd, StoreFault>> {
  const { take, tell, tellBounce, complain, bounce, markBounced } = statementsFor(engine)
  return async ({ deliveryId, events, becomes }) => {
    const write = becomes === 'bounced' ? tellBounce : tell
    const told = events.map((event) => {
      const row = [...eventValues(event), deliveryId, event.type]
      return event.type === 'email.complained'
        ? complain(...row, event.feedbackType)
        : write(...row, bodyOf(event))
    })
    const last = events.at(-1)
    const moves: Query[] =
      becomes === 'bounced' && last
        ? [bounce('bounced', last.at, deliveryId), markBounced(messageOf(deliveryId))]
        : []
    const written = await executor.write([take(deliveryId), ...told, ...moves])
    if (!written.ok) {
      if (written.error === 'exists') throw new Error('an event id was used twice')
      return fault(written.error)
    }
    const [taken, ...rows] = written.value
    const [row] = (taken ?? []) as readonly TakenRow[]
    return ok(endOf(row, rows.slice(0, events.length)))
  }
}

function endOf(row: TakenRow | undefined, told: readonly (readonly unknown[])[]): LateEnd {
  if (row === undefined) return 'gone'
  if (row.state === 'queued' || row.state === 'held') return 'early'
  return told.some((rows) => rows.length > 0) ? 'added' : 'known'
}

const bodyOf = (event: MailEvent): string => String(eventValues(event).at(-1))
