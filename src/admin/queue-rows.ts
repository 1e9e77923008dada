//
// Owns: what the operator sees of the queue, and what can be asked of it.

export interface QueueReport {
  readonly waiting: number
  readonly leased: number
  readonly held: number
  /** Messages that wait for a time of their own, counted up to 100,000; their copies are among those that wait. */
  readonly scheduled: { readonly messages: number; readonly next_at: string | null }
  /** What `hold` set aside, by the domain it is for, most first. */
  readonly held_for: readonly { readonly destination: string; readonly held: number }[]
  readonly destinations: readonly {
    readonly destination: string
    /** Empty until its mail was routed once. */
    readonly provider: string
    readonly waiting: number
    readonly next_due_at: string
    /** The last words of the receiver to the one that is due next; null if that was not tried yet. */
    readonly last_error: string | null
  }[]
}

/** Null and absent: whatever it is. */
export interface QueueAsk {
  /** `flush`: retry, and paused lanes are probed at once. */
  readonly command: 'retry' | 'hold' | 'release' | 'drop' | 'flush'
  readonly message: string | null
  readonly destination: string | null
  readonly account: string | null
  readonly key: string | null
  readonly provider?: string | null
  readonly campaign?: string | null
  readonly stream?: string | null
}

export interface Moved {
  readonly moved: number
}
