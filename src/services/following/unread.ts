//
// Owns: what followers have not read yet, as retention must know it: the log is their outbox (invariant I11).

import type { Milliseconds } from '../../core/time.ts'
import type { LogStore } from '../../store/log-store.ts'

/** When the oldest event happened that one of them has still to read; null when all have read everything. */
export async function oldestUnread(
  log: Pick<LogStore, 'read' | 'cursor'>,
  followers: readonly string[],
): Promise<Milliseconds | null> {
  let oldest: Milliseconds | null = null
  for (const name of followers) {
    const [next] = await log.read(await log.cursor(name), 1)
    if (next !== undefined) oldest = Math.min(oldest ?? next.event.at, next.event.at)
  }
  return oldest
}
