//
// Owns: the expected ends of a write that did not happen.

export type StoreFault =
  /** The disk is full: 452 4.3.1 and 507. */
  | 'full'
  /** The inbox of the writer is at its bound: 452 and 503. */
  | 'busy'
  /** The store cannot commit now (fsync error, database away): 451 and 503. */
  | 'unavailable'
