//
// Owns: of which kind a table is, for who asks what takes the room.

import { KINDS, type Kind, type SizeOfKind } from './upkeep-store.ts'

const KIND_OF: Readonly<Record<string, Kind>> = {
  contents: 'bodies',
  messages: 'messages',
  deliveries: 'messages',
  waiting: 'messages',
  leased: 'messages',
  lines: 'messages',
  destinations: 'messages',
  attempts: 'attempts',
  events: 'events',
  webhook_posts: 'webhooks',
  webhook_attempts: 'webhooks',
  inbound_posts: 'webhooks',
  search_blocks: 'search',
}

export interface SizeOfTable {
  readonly name: string
  readonly octets: number
}

export function kindsOf(tables: readonly SizeOfTable[]): readonly SizeOfKind[] {
  const sums = new Map<Kind, number>(KINDS.map((kind) => [kind, 0]))
  for (const { name, octets } of tables) {
    const kind = KIND_OF[name] ?? 'other'
    sums.set(kind, (sums.get(kind) ?? 0) + octets)
  }
  return [...sums].map(([kind, octets]) => ({ kind, octets }))
}

/** Ids carry the time of their making (invariant 12). */
export const timeOfId = (id: string): number => Number.parseInt(id.slice(4, 12), 36)
