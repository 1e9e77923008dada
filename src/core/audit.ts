//
// Owns: one administrative act as the audit log keeps it: who, what, to which thing, from where, when.
// Never: secrets or content. Of what was sent it keeps the names of the fields.

import type { AccountId } from './ids.ts'
import type { Milliseconds } from './time.ts'

export interface AuditRecord {
  /** `aud_…`, sorted by time. */
  readonly id: string
  /** Null: an act of the operator that concerns no single account. */
  readonly accountId: AccountId | null
  /** `key_…`, `usr_…`, `cli:<user id>` or `system`. */
  readonly actor: string
  /** Such as `POST /v1/webhooks/:id/rotate`, `cli keyCreate`, `login`. */
  readonly action: string
  /** What it was done to: an id, a name, an address. */
  readonly subject: string
  readonly details: AuditDetails
  readonly at: Milliseconds
}

export interface AuditDetails {
  /** What the actor is called: the name of the key, the address of the user. */
  readonly name?: string
  /** The address that the act came from. */
  readonly peer?: string
  readonly requestId?: string
  /** Names of the fields that were given. */
  readonly fields?: readonly string[]
  /** For people: why, or how often. */
  readonly note?: string
}

/** As it is told, before it has a name and a time. */
export type Act = Omit<AuditRecord, 'id' | 'at'>
