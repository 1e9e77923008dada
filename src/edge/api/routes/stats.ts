//
// Owns: /v1/stats: what became of an account's mail, by hour or day, and whether it is near a limit or paused for it.

import { Elysia } from 'elysia'
import type { Ids } from '../../../core/ids.ts'
import type { Clock } from '../../../core/ports.ts'
import { fault, type Result } from '../../../core/result.ts'
import { readStatsAsk, STATS_WORDS, type StatsAsk, type StatsWords } from '../../../services/stats/ask.ts'
import type { Stats } from '../../../services/stats/stats.ts'
import type { SendingState, SendingStore } from '../../../store/sending-store.ts'
import { GET_SENDING, GET_STATS } from '../operations/stats.ts'
import type { Caller } from '../parts.ts'
import type { Problem } from '../problem.ts'
import { invalid } from '../query.ts'
import { readQuery } from '../read-query.ts'
import { say } from '../say.ts'
import { StatsQuery } from '../schema/stats-answers.ts'

export interface StatsRouteParts {
  readonly stats: Pick<Stats, 'report'>
  readonly sending: Pick<SendingStore, 'list'>
  readonly clock: Clock
  readonly ids: Ids
}

export function statsRoutes(parts: StatsRouteParts, callerOf: (request: Request) => Caller) {
  return new Elysia({ prefix: '/v1/stats', name: 'stats', normalize: false })
    .get(
      '',
      async ({ request, set }) => {
        const ask = askOf(request, parts.clock.now())
        if (!ask.ok) return say(ask.error, set, parts.ids)
        const report = await parts.stats.report(callerOf(request).key.accountId, ask.value)
        return { success: true, ...report } as const
      },
      { ...GET_STATS },
    )
    .get(
      '/sending',
      async ({ request }) => {
        const states = await parts.sending.list(callerOf(request).key.accountId)
        return { success: true, data: states.map(rowOf), has_more: false } as const
      },
      { ...GET_SENDING },
    )
}

/** The account itself has no other name than its key. */
const rowOf = ({ kind, name, reason, since, state }: SendingState) => ({
  kind,
  name: kind === 'account' ? null : name,
  state,
  since: new Date(since).toISOString(),
  reason,
})

function askOf(request: Request, now: number): Result<StatsAsk, Problem> {
  const query = readQuery(request, StatsQuery)
  if (!query.ok) return query
  const said: Readonly<Record<string, string | number | undefined>> = query.value
  const words = Object.fromEntries(
    STATS_WORDS.map((word) => [word, said[word] === undefined ? null : String(said[word])]),
  ) as StatsWords
  const ask = readStatsAsk(words, now)
  return ask.ok ? ask : fault(invalid(ask.error.path, ask.error.message))
}
