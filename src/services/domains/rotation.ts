//
// Owns: when which DKIM key signs: the next one takes its turn once its record was seen, and never before; then another
// next one is made, and the one before stays published until all that it has signed is delivered. Pure.
// Never: makes keys or looks at the DNS.

import type { DkimAlgorithm, StoredDkimKey } from '../../core/account.ts'
import { HOUR, MINUTE, type Milliseconds } from '../../core/time.ts'
import { RETIRED_FOR } from './records.ts'

/** A record that was seen once may be one resolver's; between the two looks negative answers in caches run out. */
const LOOKS_BEFORE_USE = 2
const SEEN_FOR: Milliseconds = HOUR

const LETTERS: Readonly<Record<DkimAlgorithm, string>> = { 'rsa-sha256': 'r', 'ed25519-sha256': 'e' }
export const ALGORITHMS = Object.keys(LETTERS) as readonly DkimAlgorithm[]

export const selectorOf = (number: number, algorithm: DkimAlgorithm): string =>
  `mw${number}${LETTERS[algorithm]}`

export interface RotationFacts {
  readonly keys: readonly StoredDkimKey[]
  readonly now: Milliseconds
  /** How long a key signs; null: until somebody asks for another. */
  readonly every: Milliseconds | null
  /** Somebody has asked. */
  readonly wanted: boolean
  /** Names are fixed by CNAME records: two of an algorithm take turns. */
  readonly fixedNames: boolean
}

export interface Rotation {
  readonly activate: readonly { readonly selector: string; readonly algorithm: DkimAlgorithm }[]
  readonly make: readonly { readonly selector: string; readonly algorithm: DkimAlgorithm }[]
  readonly remove: readonly string[]
  /** What somebody asked for is done. */
  readonly grants: boolean
}

export function decideRotation(facts: RotationFacts): Rotation {
  // Who asks for other keys means all of them: they change together or not yet.
  const next = facts.keys.filter(({ state }) => state === 'next')
  const grants = facts.wanted && next.length > 0 && next.every(isReady)
  const parts = ALGORITHMS.map((algorithm) => ofAlgorithm(algorithm, { ...facts, wanted: grants }))
  return {
    grants,
    activate: parts.flatMap(({ activate }) => activate),
    make: parts.flatMap(({ make }) => make),
    remove: parts.flatMap(({ remove }) => remove),
  }
}

function ofAlgorithm(algorithm: DkimAlgorithm, facts: RotationFacts): Omit<Rotation, 'grants'> {
  const { fixedNames, keys, now } = facts
  const own = keys.filter((key) => key.algorithm === algorithm)
  const gone = own.filter(
    ({ retiredAt, state }) => state === 'retired' && now - (retiredAt ?? now) >= RETIRED_FOR,
  )
  const left = own.filter((key) => !gone.includes(key))
  const next = left.find(({ state }) => state === 'next')
  const active = left.find(({ state }) => state === 'active')
  const takesTurn =
    next !== undefined && isReady(next) && (active === undefined || isDue(active, next, facts))
  // One that is wanted by name only is not made anew under its name while its record is the one of a retired key.
  const selector = next === undefined || takesTurn ? freeSelector(algorithm, left, fixedNames) : null
  return {
    activate: takesTurn ? [{ selector: next.selector, algorithm }] : [],
    make: selector === null ? [] : [{ selector, algorithm }],
    remove: gone.map((key) => key.selector),
  }
}

/** Its record was right in each look for an hour, and in the last one. */
export const isReady = ({ seenAt, seenLooks, seenSince }: StoredDkimKey): boolean =>
  seenLooks >= LOOKS_BEFORE_USE && seenAt !== null && seenSince !== null && seenAt - seenSince >= SEEN_FOR

/** What was brought along is to be used as soon as it can be; and a key whose own record is gone proves nothing any more. */
const isDue = (active: StoredDkimKey, next: StoredDkimKey, { every, now, wanted }: RotationFacts): boolean =>
  wanted ||
  next.origin === 'imported' ||
  active.seenLooks === 0 ||
  (every !== null && now - (active.activatedAt ?? active.createdAt) >= every)

/** A name that none has had, or, where names are fixed, the one of the two that is free; null: neither is. */
function freeSelector(
  algorithm: DkimAlgorithm,
  keys: readonly StoredDkimKey[],
  fixed: boolean,
): string | null {
  const taken = new Set(keys.map(({ selector }) => selector))
  if (fixed)
    return [1, 2].map((number) => selectorOf(number, algorithm)).find((name) => !taken.has(name)) ?? null
  return selectorOf(highest(keys) + 1, algorithm)
}

/** Of names like ours; keys of another installation have such as well. */
export const highest = (keys: readonly Pick<StoredDkimKey, 'selector'>[]): number =>
  Math.max(0, ...keys.map(({ selector }) => Number(/^mw(\d{1,9})[re]$/.exec(selector)?.[1] ?? 0)))

/** When to look again so that a key that waits for it can be used; null: none does. */
export function lookAgainIn(keys: readonly StoredDkimKey[]): Milliseconds | null {
  const waits = keys.some((key) => key.state === 'next' && key.seenLooks > 0 && !isReady(key))
  return waits ? SEEN_FOR + 5 * MINUTE : null
}
