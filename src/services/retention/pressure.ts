//
// Owns: what goes before its time when there is too much, or the disk runs low: bodies of finished mail, the oldest first,
// and of a store that is larger than it may be then the log as well.
// Never: anything that is owed. The store sees to that, whatever bound it is given (invariant I11), and followers have
// read what goes.

import type { Milliseconds } from '../../core/time.ts'
import type { Retained, RetentionBounds, UpkeepStore } from '../../store/upkeep-store.ts'

/** From the oldest to now in so many steps, until it is enough: nothing goes for less. */
const STEPS = 16
/** A small disk keeps a part, not the whole of itself. */
const LEAST_PART = 20

export interface Limits {
  /** Octets; 0: no bound. */
  readonly maxSize: number
  readonly keepFree: number
}

/** Octets. The disk is null where the store is on another machine. */
export interface Standing {
  readonly used: number
  readonly disk: { readonly free: number; readonly size: number } | null
}

export type Shortage = 'none' | 'disk-low' | 'disk' | 'size'

/** `disk-low`: nobody does anything yet but say so. */
export function shortageOf({ used, disk }: Standing, { maxSize, keepFree }: Limits): Shortage {
  if (maxSize > 0 && used > maxSize) return 'size'
  if (disk === null) return 'none'
  const wanted = keptFree(disk.size, keepFree)
  if (disk.free < wanted) return 'disk'
  return disk.free < 2 * wanted ? 'disk-low' : 'none'
}

export const keptFree = (size: number, keepFree: number): number => Math.min(keepFree, size / LEAST_PART)

export interface PressureParts {
  readonly upkeep: Pick<UpkeepStore, 'retain' | 'oldestContent'>
  readonly standing: () => Promise<Standing>
  readonly limits: Limits
  /** What goes by its age anyhow. */
  readonly usual: RetentionBounds
  readonly now: Milliseconds
  readonly signal: AbortSignal
}

/** What went; the shortage that remains is for the next turn, or for a person. */
export async function relieve(parts: PressureParts): Promise<Retained> {
  const { limits, now, signal, standing, upkeep, usual } = parts
  let sum: Retained = { contents: 0, attempts: 0, events: 0, messages: 0 }
  for (const bounds of boundsOf(await upkeep.oldestContent(), usual, now)) {
    const shortage = shortageOf(await standing(), limits)
    const isEnough = shortage !== 'size' && (shortage !== 'disk' || bounds.isLog)
    if (isEnough || signal.aborted) break
    sum = added(sum, await upkeep.retain({ ...usual, ...bounds.bounds, giveBack: shortage === 'disk' }))
  }
  return sum
}

interface Step {
  /** Evidence and events: gone they are gone, and a disk that others fill is no reason. */
  readonly isLog: boolean
  readonly bounds: Partial<RetentionBounds>
}

function* boundsOf(oldest: Milliseconds | null, usual: RetentionBounds, now: Milliseconds): Generator<Step> {
  for (const contentBefore of stepsFrom(oldest ?? now, now)) yield { isLog: false, bounds: { contentBefore } }
  const from = Math.min(usual.eventsBefore, usual.attemptsBefore)
  for (const before of stepsFrom(from, now)) {
    yield {
      isLog: true,
      bounds: {
        contentBefore: now,
        attemptsBefore: Math.max(before, usual.attemptsBefore),
        // Not past what somebody has still to read.
        eventsBefore: Math.min(Math.max(before, usual.eventsBefore), usual.readBefore ?? usual.eventsBefore),
      },
    }
  }
}

function* stepsFrom(from: Milliseconds, now: Milliseconds): Generator<Milliseconds> {
  const begin = Math.min(from, now)
  for (let step = 1; step <= STEPS; step += 1) yield begin + Math.ceil(((now - begin) * step) / STEPS)
}

const added = (a: Retained, b: Retained): Retained => ({
  contents: a.contents + b.contents,
  attempts: a.attempts + b.attempts,
  events: a.events + b.events,
  messages: a.messages + b.messages,
})
