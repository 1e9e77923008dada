//
// Owns: letting paused mail go on, by hand: what happened before does not count against it any more.

import type { Clock, Log, Meter } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { SendingState, SendingStore } from '../../store/sending-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { factsOf, readFacts } from './facts.ts'

export interface ResumeParts {
  readonly sending: Pick<SendingStore, 'set'>
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
  readonly meter: Meter
}

/** False when it is not paused any more. */
export async function resume(
  { clock, log, meter, sending }: ResumeParts,
  paused: SendingState,
): Promise<Result<boolean, StoreFault>> {
  const now = clock.now()
  const { figures } = readFacts(paused.facts)
  const facts = factsOf({ figures, resumed: { at: now, before: null } })
  const set = await sending.set({ ...paused, state: 'resumed', reason: '', facts, since: now }, paused)
  if (!set.ok) return fault(set.error)
  if (set.value) {
    const { accountId: account, kind, name } = paused
    meter.count('sending_changes_total', 1, { state: 'resumed' })
    log.info('marketing mail goes on', { account, kind, name })
  }
  return ok(set.value)
}
