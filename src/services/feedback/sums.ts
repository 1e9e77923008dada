//
// Owns: the figures of accounts, domains and streams out of what is counted for them. Pure.

import type { StatTotal } from '../../store/stats-store.ts'
import { readFeedbackName, type SendingKind } from '../stats/feedback-counts.ts'
import type { SendingFigures } from './judge.ts'

/** By metric, and by provider where it is counted so. */
export type Sums = Readonly<Record<string, number>>

export interface Sending {
  readonly kind: SendingKind
  readonly name: string
  readonly sums: Sums
}

/** One of each account, domain and stream that has sent. */
export function sendingsIn(totals: readonly StatTotal[]): readonly Sending[] {
  const found = new Map<string, Sending & { readonly sums: Record<string, number> }>()
  for (const { counts, name: text } of totals) {
    const read = readFeedbackName(text)
    if (read === null) continue
    const { kind, name, provider } = read
    const key = keyOf(read)
    const sending = found.get(key) ?? { kind, name, sums: {} }
    found.set(key, sending)
    for (const [metric, count] of counts) sending.sums[`${metric} ${provider}`] = count
  }
  return [...found.values()]
}

export const keyOf = ({ kind, name }: Pick<Sending, 'kind' | 'name'>): string => `${kind} ${name}`

/** What is left without `others`. */
export function without(sums: Sums, others: Sums): Sums {
  return Object.fromEntries(
    Object.entries(sums).map(([key, count]) => [key, Math.max(0, count - (others[key] ?? 0))]),
  )
}

export function together(sums: Sums, others: Sums): Sums {
  const all = { ...sums }
  for (const [key, count] of Object.entries(others)) all[key] = (all[key] ?? 0) + count
  return all
}

export function figuresOf(sums: Sums, reporters: ReadonlySet<string>): SendingFigures {
  const figures = { sent: 0, hardBounced: 0, delivered: 0, complained: 0 }
  for (const [key, count] of Object.entries(sums)) {
    const [metric, provider = ''] = key.split(' ')
    if (metric === 'sent') figures.sent += count
    else if (metric === 'hard') figures.hardBounced += count
    else if (!reporters.has(provider)) continue
    else if (metric === 'delivered') figures.delivered += count
    else if (metric === 'complained') figures.complained += count
  }
  return figures
}
