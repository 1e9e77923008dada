//
// Owns: by which ways mail can leave at all, as the root hands them in.

import type { Relays } from '../routing/relay.ts'
import type { SourceBook } from '../sources/book.ts'
import type { Detours } from '../sources/detours.ts'
import type { WarmupLedger } from '../sources/ledger.ts'

export interface Departures {
  readonly sources: SourceBook
  readonly ledger: WarmupLedger
  readonly detours: Detours
  /** Null in mode direct. */
  readonly relays: Relays | null
}
