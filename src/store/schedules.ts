//
// Owns: looking at mail that waits for a time of its own; the same statements for both engines.
// Never: writes.

import type { DeliveryId } from '../core/ids.ts'
import type { Whole } from './columns.ts'
import { compilerFor, type Executor, statement } from './executor.ts'
import { deliveryRange, orNull } from './rows.ts'
import type { ScheduleStore } from './schedule-store.ts'
import type { Store } from './store.ts'

export function schedulesOn(
  engine: Store['engine'],
  executor: Pick<Executor, 'read'>,
): Omit<ScheduleStore, 'reschedule'> {
  const db = compilerFor(engine)
  const leased = statement(() =>
    db.selectFrom('leased').select('delivery_id').where('delivery_id', '>', '').where('delivery_id', '<', ''),
  )
  const ahead = statement(() =>
    db
      .selectFrom(
        db
          .selectFrom('messages')
          .select('scheduled_at')
          .where('scheduled_at', '>', 0)
          .orderBy('scheduled_at')
          .limit(1)
          .as('m'),
      )
      .select((eb) => [eb.fn.countAll<Whole>().as('count'), eb.fn.min('scheduled_at').as('next')]),
  )
  return {
    async leased(id) {
      const { low, high } = deliveryRange(id)
      const rows = await executor.read(leased(low, high))
      return new Set(rows.map((row) => row.delivery_id as DeliveryId))
    },
    async overview(now, most) {
      const [row] = await executor.read(ahead(now, most))
      return { messages: Number(row?.count ?? 0), nextAt: orNull(row?.next ?? null) }
    },
  }
}
