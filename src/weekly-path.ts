//
// Owns: wiring the weekly report: its figures, its day, and sending it once.

import { SYSTEM_ACCOUNT } from './core/account.ts'
import { MINUTE, type Milliseconds } from './core/time.ts'
import { isLab } from './doctor-facts.ts'
import type { Foundation } from './foundation.ts'
import type { Admission } from './mail-path.ts'
import { isWeekly, type WeekFacts, type WeekRow, weekBefore, weeklyText } from './services/alerts/weekly.ts'
import type { Doctor } from './services/doctor/doctor.ts'
import type { Figures } from './services/stats/figures.ts'
import { statsOf } from './statistics.ts'
import { every } from './upkeep.ts'

const LOOK_EVERY: Milliseconds = 10 * MINUTE
const MOST_PROVIDERS = 1000
const DESTINATIONS = 100

type Seen = Pick<Doctor, 'last'>

export async function weeklyReport(foundation: Foundation, doctor: Seen): Promise<string> {
  const { clock, config, store } = foundation
  const now = clock.now()
  const week = weekBefore(now)
  return weeklyText({
    hostname: config.server.hostname,
    ...week,
    now,
    ...(await rowsOf(foundation, week)),
    overview: await store.queue.overview(DESTINATIONS),
    diagnoses: doctor.last?.diagnoses ?? null,
  })
}

async function rowsOf(
  foundation: Foundation,
  week: Pick<WeekFacts, 'from' | 'to'>,
): Promise<Pick<WeekFacts, 'all' | 'providers'>> {
  const stats = statsOf(foundation)
  const all: WeekRow[] = []
  const providers: WeekRow[] = []
  for (const account of [SYSTEM_ACCOUNT, ...(await foundation.accounts.list()).map(({ id }) => id)]) {
    const sums = await stats.report(account, {
      kind: 'series',
      dimension: 'all',
      by: 'day',
      name: '',
      ...week,
    })
    if ('totals' in sums) all.push(rowOf('all', sums.totals))
    const limit = MOST_PROVIDERS
    const named = await stats.report(account, { kind: 'names', dimension: 'provider', limit, ...week })
    if ('names' in named) providers.push(...named.names.map(({ name, ...figures }) => rowOf(name, figures)))
  }
  return { all, providers }
}

const rowOf = (name: string, { bounced, complained, delivered, sent }: Figures): WeekRow => ({
  name,
  accepted: sent,
  delivered,
  bounced: bounced.total,
  complained,
})

/** What it returns ends it. */
export function startWeekly(
  foundation: Foundation,
  { notices }: Pick<Admission, 'notices'>,
  doctor: Seen,
): () => Promise<void> {
  const { clock, config } = foundation
  const { weeklyReport: weekday } = config.alerts
  if (weekday === 'off' || config.server.operator === '' || isLab(config)) return () => Promise.resolve()
  let sentOn = ''
  return every(
    foundation,
    () => LOOK_EVERY,
    async () => {
      const now = clock.now()
      const day = new Date(now).toISOString().slice(0, 10)
      if (day === sentOn || !isWeekly(now, weekday)) return
      const sent = await notices.report(
        `the week to ${day}`,
        await weeklyReport(foundation, doctor),
        `weekly:${day}`,
      )
      // Again in a while, and by the same key: another node may have been first.
      if (sent.ok) sentOn = day
    },
    'the weekly report could not be sent; it is tried again',
  )
}
