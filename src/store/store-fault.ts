//
// Owns: the expected ends of a write that did not happen, and of a question that nobody answered.

export type StoreFault =
  /** The disk is full: 452 4.3.1 and 507. */
  | 'full'
  /** The inbox of the writer is at its bound: 452 and 503. */
  | 'busy'
  /** The store cannot commit now (fsync error, database away): 451 and 503. */
  | 'unavailable'

/** Thrown where the interface has no room for a fault: reads, claims, heartbeats. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}
