//
// Owns: opening a store on PostgreSQL: proves the server fit, brings the schema up to date, puts the parts together.

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
import { lateOn } from '../late.ts'
import { logOn } from '../log.ts'
import { messageLookUps } from '../messages.ts'
import { DEFAULT_INBOX_BYTES, type StoreOptions } from '../options.ts'
import { type SearchEnd, type SearchWork, searchOn, stepsOf } from '../search/search.ts'
import { takeInTurn } from '../search/steps.ts'
import type { Store } from '../store.ts'
import { GroupCommit } from './group.ts'
import { migrate } from './migrate.ts'
import { Pool } from './pool.ts'
import { queueOn } from './queue.ts'
import { postgresSchedules } from './schedule.ts'
import { assertDurable, openPool } from './session.ts'
import { upkeepOn } from './upkeep.ts'

/** Throws when the server cannot be reached or must not be used; from then on it comes back by itself. */
export async function openPostgres(url: string, options: StoreOptions): Promise<Store> {
  const { clock, log, meter, inboxBytes = DEFAULT_INBOX_BYTES } = options
  const first = openPool(url, { name: 'start', max: 1 })
  try {
    await assertDurable(first)
    await migrate(first)
  } catch (error) {
    // The URL is not repeated whole: it may hold a password.
    throw new Error(`PostgreSQL at ${new URL(url).host}: ${sentenceOf(error)}`, { cause: error })
  } finally {
    await first.close({ timeout: 1 })
  }
  const pool = new Pool({ url, clock })
  const group = new GroupCommit({ url, clock, log, meter, inboxBytes })
  return {
    engine: 'postgres',
    queue: { ...queueOn(group, pool), late: lateOn('postgres', pool) },
    messages: messageLookUps('postgres', pool),
    log: logOn('postgres', pool),
    tls: tlsOn('postgres', pool),
    certificates: certificatesOn('postgres', pool),
    alerts: alertsOn('postgres', pool),
    directory: directoryOf('postgres', pool),
    suppressions: suppressionsOn('postgres', pool),
    inbound: inboundOn('postgres', pool),
    events: eventsOn('postgres', pool),
    engagement: engagementOn('postgres', pool),
    schedules: postgresSchedules(pool),
    webhooks: webhooksOn('postgres', pool),
    warmups: warmupsOn('postgres', pool),
    lanes: lanesOn('postgres', pool),
    sending: sendingOn('postgres', pool),
    people: peopleOn('postgres', pool),
    templates: templatesOn('postgres', pool),
    audit: auditOn('postgres', pool),
    stats: statsOn('postgres', pool),
    search: searchOn('postgres', pool, async <W extends SearchWork>(work: W) => {
      const began = clock.monotonic()
      const steps = stepsOf('postgres', work, () => clock.monotonic() - began)
      return (await takeInTurn(steps, (query) => pool.read(query))) as SearchEnd<W>
    }),
    upkeep: upkeepOn(url, pool),
    async close() {
      await group.close()
      await pool.close()
    },
  }
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
