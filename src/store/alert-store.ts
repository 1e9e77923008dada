//
// Owns: what the store keeps of alerts: each trouble of a node, or of all of them, and what was told of it.
// Never: decides what is worth an alert, or when somebody is told (services/alerts).

import type { AccountEvent } from '../core/event.ts'
import type { Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { StoreFault } from './store-fault.ts'

export interface AlertStore {
  all(): Promise<readonly StoredAlert[]>
  /** In the place of the version before it, with what is told of the change; false: another node was faster. */
  put(alert: StoredAlert, event: AccountEvent | null): Promise<Result<boolean, StoreFault>>
  /** Those that are over since before then. */
  forget(before: Milliseconds): Promise<Result<void, StoreFault>>
}

export interface StoredAlert {
  /** Whose machine it is of; empty: it is of what all nodes share. */
  readonly node: string
  /** By which it is known again: core/diagnosis.ts, troubleOf. */
  readonly trouble: string
  readonly ailment: string
  readonly subject: string
  readonly why: string
  /** Lines. */
  readonly fix: string
  readonly isOpen: boolean
  /** Since when it is so. */
  readonly since: Milliseconds
  /** The letter that has still to be sent. */
  readonly owed: '' | 'raised' | 'cleared'
  /** What the last letter said. */
  readonly told: '' | 'raised' | 'cleared'
  /** When the last letter said that it began. */
  readonly toldAt: Milliseconds | null
  /** 1 of a new one. */
  readonly version: number
}
