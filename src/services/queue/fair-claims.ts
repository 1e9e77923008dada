//
// Owns: how many of which line to claim, given what lanes can take: no tenant with a million rows gets more than an equal
// share while others wait. Pure.

import type { Rank } from '../../store/line.ts'
import type { ClaimAsk, DueLine } from '../../store/store.ts'

export interface Capacity {
  /** Deliveries in one claim. */
  readonly most: number
  /** How many more of a rank a provider's lanes can take. */
  spaceOf(provider: string, rank: Rank): number
  /** Grows with every claim: where room is for one alone, now and then it is marketing's. */
  readonly turn: number
}

/** Marketing gets one part of these while transactional mail waits for the same provider. */
const PARTS = 5

interface Group {
  readonly lines: DueLine[]
  demand: number
}

/** The lines come in the order of their turns, which decides who gets what cannot be divided. */
export function fairClaims(lines: readonly DueLine[], capacity: Capacity): ClaimAsk[] {
  // What was never routed may be anybody's: each such destination counts as a provider.
  const groups = grouped(lines, (line) => line.provider || `?${line.destination}`)
  const providers = groups.map((group) => ranksOf(group, capacity))
  const asks: ClaimAsk[] = []
  for (const [place, granted] of shares(capacity.most, providers).entries()) {
    const provider = providers[place]
    if (provider && granted > 0) divide(provider, granted, capacity.turn, asks)
  }
  return asks
}

/** All demands as far as there is space. */
interface Ranks {
  readonly demand: number
  readonly first: Group
  readonly second: Group
}

function ranksOf({ lines }: Group, capacity: Capacity): Ranks {
  const spaces = ([0, 1] as const).map((rank) => capacity.spaceOf(lines[0]?.provider ?? '', rank))
  const of = (rank: Rank): Group => {
    const some = lines.filter((line) => line.rank === rank)
    return { lines: some, demand: Math.min(demandOf(some), spaces[rank] ?? 0) }
  }
  const [first, second] = [of(0), of(1)]
  return { first, second, demand: Math.min(first.demand + second.demand, Math.max(...spaces)) }
}

/** Among ranks, then accounts, then campaigns, then lines. */
function divide({ first, second }: Ranks, granted: number, turn: number, asks: ClaimAsk[]): void {
  const kept = Math.max(Math.floor(granted / PARTS), turn % PARTS === 0 ? 1 : 0)
  const forSecond = Math.min(second.demand, Math.max(kept, granted - first.demand))
  among(first.lines, Math.min(first.demand, granted - forSecond), LEVELS, asks)
  among(second.lines, forSecond, LEVELS, asks)
}

const LEVELS: readonly ((line: DueLine) => string)[] = [
  (line) => line.account,
  (line) => line.campaign,
  (line) => String(line.id),
]

function among(
  lines: readonly DueLine[],
  granted: number,
  [keyOf, ...rest]: readonly ((line: DueLine) => string)[],
  asks: ClaimAsk[],
): void {
  const [line] = lines
  if (line === undefined || granted <= 0) return
  if (keyOf === undefined) {
    asks.push({ line: line.id, limit: granted })
    return
  }
  const groups = grouped(lines, keyOf)
  for (const [place, some] of shares(granted, groups).entries()) {
    among(groups[place]?.lines ?? [], some, rest, asks)
  }
}

function grouped(lines: readonly DueLine[], keyOf: (line: DueLine) => string): Group[] {
  const groups = new Map<string, Group>()
  for (const line of lines) {
    const key = keyOf(line)
    const group = groups.get(key)
    if (group) {
      group.lines.push(line)
      group.demand += line.waiting
    } else groups.set(key, { lines: [line], demand: line.waiting })
  }
  return [...groups.values()]
}

const demandOf = (lines: readonly DueLine[]): number => lines.reduce((sum, line) => sum + line.waiting, 0)

/** Equal parts; what one does not need the others get. */
export function shares(total: number, groups: readonly { readonly demand: number }[]): readonly number[] {
  const given = groups.map(() => 0)
  let left = total
  let open = groups.flatMap((group, place) => (group.demand > 0 ? [place] : []))
  while (left > 0 && open.length > 0) {
    const part = Math.max(1, Math.floor(left / open.length))
    for (const place of open) {
      const lacks = (groups[place]?.demand ?? 0) - (given[place] ?? 0)
      const some = Math.min(part, lacks, left)
      given[place] = (given[place] ?? 0) + some
      left -= some
    }
    open = open.filter((place) => (given[place] ?? 0) < (groups[place]?.demand ?? 0))
  }
  return given
}
