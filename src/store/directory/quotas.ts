//
// Owns: what accounts have sent in a day or a month (decision 12): deciding and taking are one statement, so that two
// nodes that ask at once cannot both be granted the last mail.

import type { QuotaAsk, QuotaStore } from '../account-store.ts'
import type { Whole } from '../columns.ts'
import { compilerFor, type Executor, type Query, statement } from '../executor.ts'
import { EVENT_COLUMNS, eventValues } from '../log-rows.ts'
import type { Store } from '../store.ts'
import { placesOn } from './texts.ts'
import { changed, settled } from './writes.ts'

interface Taken {
  readonly granted: Whole
  readonly used: Whole
}

/** The row is there: it is made empty in the same commit, so that there is one way of deciding. */
function takeText(engine: Store['engine']): string {
  const least = engine === 'sqlite' ? 'min' : 'least'
  const place = placesOn(engine)
  const whole = (at: number) => `CAST(${place(at)} AS bigint)`
  const granted = `CASE WHEN used + ${whole(1)} <= ${whole(2)} THEN ${least}(${whole(3)}, ${whole(2)} - used) ELSE 0 END`
  return `UPDATE quotas SET granted = ${granted}, used = used + ${granted}
    WHERE account_id = ${place(4)} AND period = ${place(5)} RETURNING granted, used`
}

const addText = (engine: Store['engine']): string => {
  const place = placesOn(engine)
  return `INSERT INTO quotas (account_id, period, used, granted, warned)
    VALUES (${place(1)}, ${place(2)}, CAST(${place(3)} AS bigint), 0, 0)
    ON CONFLICT (account_id, period) DO UPDATE SET used = quotas.used + excluded.used`
}

/** First of a claim, so that of two nodes one waits here for the other and then finds nothing left to claim. */
function holdText(engine: Store['engine']): string {
  const place = placesOn(engine)
  return `UPDATE quotas SET warned = warned
    WHERE account_id = ${place(1)} AND period = ${place(2)} AND warned < CAST(${place(3)} AS bigint) RETURNING warned`
}

/** Only where the level is not claimed yet. */
function tellText(engine: Store['engine']): string {
  const place = placesOn(engine)
  const values = EVENT_COLUMNS.map(
    (column, at) => `CAST(${place(at + 1)} AS ${column === 'at' ? 'bigint' : 'text'})`,
  ).join(', ')
  const at = EVENT_COLUMNS.length
  return `INSERT INTO events (${EVENT_COLUMNS.join(', ')}) SELECT ${values} FROM quotas
    WHERE account_id = ${place(at + 1)} AND period = ${place(at + 2)} AND warned < CAST(${place(at + 3)} AS bigint)`
}

export function quotaDirectory(engine: Store['engine'], executor: Executor): QuotaStore {
  const db = compilerFor(engine)
  const takes = takeText(engine)
  const adds = addText(engine)
  const holds = holdText(engine)
  const tells = tellText(engine)
  const used = statement(() =>
    db.selectFrom('quotas').select(['period', 'used']).where('account_id', '=', '').where('period', '=', ''),
  )
  const warn = statement(() =>
    db
      .updateTable('quotas')
      .set({ warned: 0 })
      .where('account_id', '=', '')
      .where('period', '=', '')
      .where('warned', '<', 0),
  )
  const take = ({ account, limit, period, upTo, want }: QuotaAsk): Query<Taken> => ({
    sql: takes,
    values: [want, limit, upTo, account, period],
  })
  const add = (account: string, period: string, count: number): Query => ({
    sql: adds,
    values: [account, period, count],
  })
  return {
    async takeQuota(ask) {
      const written = await executor.write([add(ask.account, ask.period, 0), take(ask)])
      // A store that cannot write refuses the message itself and says why.
      if (!written.ok) return { granted: ask.want, used: 0 }
      const row = written.value[1]?.[0] as Taken | undefined
      return { granted: Number(row?.granted ?? 0), used: Number(row?.used ?? 0) }
    },
    async countMail(counts) {
      return settled(
        await executor.write(counts.map(({ account, period, count }) => add(account, period, count))),
      )
    },
    async usage(account, periods) {
      const rows = await Promise.all(periods.map((period) => executor.read(used(account, period))))
      return new Map(rows.flat().map((row) => [row.period, Number(row.used)]))
    },
    async claimWarning({ event, level, period }) {
      const { accountId } = event
      const queries = [
        { sql: holds, values: [accountId, period, level] },
        { sql: tells, values: [...eventValues(event), accountId, period, level] },
        warn(level, accountId, period, level),
      ]
      return changed(await executor.write(queries))
    },
  }
}
