//
// Owns: the order in which lines get their turn, for both engines. Pure.
//
// Transactional mail goes first, but marketing keeps a share: a tenant with endless login codes starves nobody's
// newsletter. Within a rank the providers take turns, within a provider the accounts, within an account its campaigns,
// within a campaign the lines by due time. So a million rows of one campaign are one turn among others.

import type { Whole } from './columns.ts'
import type { LineId, Rank } from './line.ts'
import type { DueAsk, DueLine } from './store.ts'

export interface LineRow {
  readonly id: Whole
  readonly destination: string
  readonly rank: Whole
  readonly account_id: string
  readonly campaign: string
  readonly provider: string
  readonly next_due: Whole | null
  readonly waiting: Whole
}

export const LINE_COLUMNS = 'id, destination, rank, account_id, campaign, provider, next_due, waiting'

export const dueLineOf = (row: LineRow): DueLine => ({
  id: Number(row.id) as LineId,
  destination: row.destination,
  rank: Number(row.rank) === 0 ? 0 : 1,
  account: row.account_id,
  campaign: row.campaign,
  provider: row.provider,
  nextDueAt: Number(row.next_due),
  waiting: Number(row.waiting),
})

/** Of the answer while both ranks have somebody waiting. */
const SHARE_OF_MARKETING = 1 / 4

export const isBusy = ({ busy, busyMarketing }: DueAsk, rank: Rank, provider: string): boolean =>
  busy.has(provider) || (rank === 1 && busyMarketing.has(provider))

/** `spin` grows with every call: who was cut off at the end of one answer comes earlier in a later one. */
export function inTurn(lines: readonly DueLine[], limit: number, spin: number): readonly DueLine[] {
  const first = rotation(
    lines.filter((line) => line.rank === 0),
    spin,
  )
  const second = rotation(
    lines.filter((line) => line.rank === 1),
    spin,
  )
  const kept = Math.min(second.length, Math.ceil(limit * SHARE_OF_MARKETING))
  const most = first.slice(0, limit - kept)
  return [...most, ...second.slice(0, limit - most.length)]
}

/** What was never routed may be anybody's: each such destination counts as a provider. */
const LEVELS: readonly ((line: DueLine) => string)[] = [
  (line) => (line.provider === '' ? `?${line.destination}` : line.provider),
  (line) => line.account,
  (line) => line.campaign,
]

function rotation(lines: readonly DueLine[], spin: number, level = 0): readonly DueLine[] {
  const keyOf = LEVELS[level]
  if (lines.length < 2) return lines
  if (keyOf === undefined) return [...lines].sort((a, b) => a.nextDueAt - b.nextDueAt)
  const groups = new Map<string, DueLine[]>()
  for (const line of lines) {
    const group = groups.get(keyOf(line))
    if (group) group.push(line)
    else groups.set(keyOf(line), [line])
  }
  return inRounds(
    [...groups.values()].map((group) => rotation(group, spin, level + 1)),
    turnOf(spin, level),
  )
}

/**
 * Whose turn it is must not depend on how many calls a look at the queue takes: every second turn alone would never come
 * to the accounts in between. Knuth's multiplicative hash, other bits for each level.
 */
const turnOf = (spin: number, level: number): number => Math.imul(spin + level, 2_654_435_761) >>> (8 + level)

/** One of each, then the second of each, and so on; another one begins each time. */
function inRounds(groups: readonly (readonly DueLine[])[], turn: number): readonly DueLine[] {
  const [only] = groups
  if (groups.length === 1 && only) return only
  const order: DueLine[] = []
  const longest = Math.max(...groups.map((group) => group.length))
  for (let round = 0; round < longest; round++) {
    for (let place = 0; place < groups.length; place++) {
      const line = groups[(place + turn) % groups.length]?.[round]
      if (line) order.push(line)
    }
  }
  return order
}
