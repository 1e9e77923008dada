//
// Owns: putting the SQLite engine together: writer thread, side thread, and the serving thread's own read connection.

import type { Database, Statement } from 'bun:sqlite'
import { alertsOn } from '../directory/alerts.ts'
import { auditOn } from '../directory/audit.ts'
import { certificatesOn } from '../directory/certificates.ts'
import { directoryOf } from '../directory/directory.ts'
import { engagementOn } from '../directory/engagement.ts'
import { eventsOn } from '../directory/events.ts'
import { inboundOn } from '../directory/inbound.ts'
import { lanesOn } from '../directory/lanes.ts'
import { peopleOn } from '../directory/people.ts'
import { sendingOn } from '../directory/sending.ts'
import { statsOn } from '../directory/stats.ts'
import { suppressionsOn } from '../directory/suppressions.ts'
import { templatesOn } from '../directory/templates.ts'
import { tlsOn } from '../directory/tls.ts'
import { warmupsOn } from '../directory/warmups.ts'
import { webhooksOn } from '../directory/webhooks.ts'
import type { Executor, Query } from '../executor.ts'
import { lateOn } from '../late.ts'
import { logOn } from '../log.ts'
import { messageLookUps } from '../messages.ts'
import { DEFAULT_INBOX_BYTES, type StoreOptions } from '../options.ts'
import type { Value } from '../rows.ts'
import { type SearchEnd, type SearchWork, searchOn } from '../search/search.ts'
import type { Store } from '../store.ts'
import { Checkpoints } from './checkpoints.ts'
import { DueReader } from './due.ts'
import { sqliteQueue } from './queue.ts'
import { sqliteSchedules } from './schedule.ts'
import { openForReading } from './settings.ts'
import { Side } from './side.ts'
import { packed } from './statements.ts'
import { sqliteUpkeep } from './upkeep.ts'
import { Writer } from './writer.ts'

export interface SqliteOptions extends StoreOptions {
  /** A ceiling of the file in pages of 4 KB; beyond it writes are refused as `full`. */
  readonly maxPages?: number
}

/** Rejects with a sentence for the operator when the file cannot be used. */
export async function openSqlite(path: string, options: SqliteOptions): Promise<Store> {
  const { log, meter, inboxBytes = DEFAULT_INBOX_BYTES, maxPages = null } = options
  const side = new Side(path)
  // A thread of its own: a checkpoint on a slow disk would let who asks for figures wait.
  const ranges = new Side(path)
  // Who looks for mail waits for nobody who asks for figures.
  const searches = new Side(path)
  const checkpoints = new Checkpoints(options, side)
  const onGrowth = (pages: number): void => checkpoints.grow(pages)
  const writer = new Writer({ path, log, meter, inboxBytes, maxPages, onGrowth })
  const trouble = await writer.open()
  if (trouble !== null) {
    await writer.close()
    throw new Error(`${path}: ${trouble}`)
  }
  const db = openForReading(path)
  const executor = executorOf(db, writer)
  checkpoints.start(() => writer.checkpoint())
  return {
    engine: 'sqlite',
    queue: { ...sqliteQueue(writer, side, new DueReader(db)), late: lateOn('sqlite', executor) },
    messages: messageLookUps('sqlite', executor),
    log: logOn('sqlite', executor),
    tls: tlsOn('sqlite', executor),
    certificates: certificatesOn('sqlite', executor),
    alerts: alertsOn('sqlite', executor),
    directory: directoryOf('sqlite', executor),
    suppressions: suppressionsOn('sqlite', executor),
    warmups: warmupsOn('sqlite', executor),
    lanes: lanesOn('sqlite', executor),
    inbound: inboundOn('sqlite', executor),
    events: eventsOn('sqlite', executor),
    engagement: engagementOn('sqlite', executor),
    schedules: sqliteSchedules(writer, executor),
    webhooks: webhooksOn('sqlite', executor),
    sending: sendingOn('sqlite', executor),
    people: peopleOn('sqlite', executor),
    templates: templatesOn('sqlite', executor),
    audit: auditOn('sqlite', executor),
    stats: statsOn('sqlite', executor, { ranges: awayOn(ranges), upkeep: awayOn(side) }),
    search: searchOn(
      'sqlite',
      executor,
      async <W extends SearchWork>(work: W) => (await searches.ask({ what: 'search', work })) as SearchEnd<W>,
    ),
    upkeep: sqliteUpkeep({ path, writer, executor }),
    async close() {
      checkpoints.stop()
      db.close()
      await side.close()
      await ranges.close()
      await searches.close()
      await writer.close()
    },
  }
}

function executorOf(db: Database, writer: Writer): Executor {
  const prepared = new Map<string, Statement<unknown, Value[]>>()
  const rowsOf = ({ sql, values }: Query): unknown[] => {
    let statement = prepared.get(sql)
    if (statement === undefined) {
      statement = db.prepare<unknown, Value[]>(sql)
      prepared.set(sql, statement)
    }
    return statement.all(...values)
  }
  return {
    async read<R>(query: Query<R>) {
      return rowsOf(query) as R[]
    },
    async readAtOnce<Rows extends readonly unknown[]>(
      queries: {
        readonly [At in keyof Rows]: Query<Rows[At]>
      },
    ) {
      const rows = db.transaction(() => queries.map(rowsOf))()
      return rows as { readonly [At in keyof Rows]: readonly Rows[At][] }
    },
    async write(queries) {
      const statements = queries.map(({ sql, values }) => ({ sql, values: values.map(packed) }))
      const end = await writer.run({ op: 'statements', statements }, weightOf(queries.length))
      return end.ok ? { ok: true, value: end.value as unknown[][] } : end
    },
  }
}

/** What reads ranges and may take long. */
const awayOn = (side: Side): Pick<Executor, 'read'> => ({
  read: async <R>({ sql, values }: Query<R>) => (await side.ask({ what: 'read', sql, values })) as R[],
})

const weightOf = (statements: number) => ({ rows: statements, bytes: 500 * statements })
