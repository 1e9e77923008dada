//
// Owns: what a state rests on, as the store keeps it. Pure.

import type { Milliseconds } from '../../core/time.ts'
import type { SendingFigures } from './judge.ts'
import type { Sums } from './sums.ts'

export interface SendingFacts {
  readonly figures: SendingFigures | null
  /** `before`: what had happened on that day until then; null as long as not all of it is counted. */
  readonly resumed: { readonly at: Milliseconds; readonly before: Sums | null } | null
}

/** JSON. */
export type Facts = string

export const factsOf = (facts: SendingFacts): Facts => JSON.stringify(facts)

/** What another version wrote and this one cannot read says nothing. */
export function readFacts(text: Facts): SendingFacts {
  try {
    const read = JSON.parse(text) as Partial<SendingFacts>
    return { figures: read.figures ?? null, resumed: read.resumed ?? null }
  } catch {
    return { figures: null, resumed: null }
  }
}
