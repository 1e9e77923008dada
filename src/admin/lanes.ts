//
// Owns: the admin action over lanes: how hard each provider is pressed from each address, and why no harder.

import { fault, ok } from '../core/result.ts'
import type { LaneReport } from '../services/queue/lane-report.ts'
import type { AdminActions } from './admin.ts'
import { isoOrNull } from './faults.ts'
import type { LaneRow } from './lane-rows.ts'

export interface LaneParts {
  /** Null where no node runs: lanes are what it knows. */
  readonly lanes: () => readonly LaneReport[] | null
}

export function laneActions({ lanes }: LaneParts): Pick<AdminActions, 'queueLanes'> {
  return {
    queueLanes: async ({ provider }) => {
      const reports = lanes()
      if (reports === null) {
        return fault({
          code: 'not_running',
          message: 'no node runs here; lanes are what a running one knows',
        })
      }
      const told = provider === null ? reports : reports.filter((report) => report.provider === provider)
      return ok(told.toSorted(byInterest).map(rowOf))
    },
  }
}

const ORDER: Readonly<Record<LaneReport['state'], number>> = {
  paused: 0,
  probing: 1,
  slowed: 2,
  growing: 3,
  steady: 3,
}

/** What needs an eye first, then what has most to do. */
const byInterest = (a: LaneReport, b: LaneReport): number =>
  ORDER[a.state] - ORDER[b.state] || b.waiting - a.waiting || b.delivered - a.delivered

const rowOf = (report: LaneReport): LaneRow => ({
  provider: report.provider,
  source: report.source ?? '',
  state: report.state,
  connections: report.connections,
  limit: report.limit,
  per_second: report.rate === null ? null : Math.round(report.rate * 100) / 100,
  waiting: report.waiting,
  delivered: report.delivered,
  not_taken: report.deferred,
  paused_until: isoOrNull(report.pausedUntil),
  why: report.why,
})
