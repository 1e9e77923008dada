//
// Owns: what an operator is told of a node as a whole. Keys as in admin.ts.

export interface StatusReport {
  readonly version: string
  readonly hostname: string
  readonly running: boolean
  readonly ready: boolean
  readonly reasons: readonly { readonly part: string; readonly reason: string }[]
  readonly started_at: string | null
  readonly listeners: Readonly<Record<string, readonly string[]>>
  /** Domains, streams and accounts by what feedback came to. */
  readonly sending: { readonly warned: number; readonly paused: number }
  readonly queue: { readonly waiting: number; readonly leased: number; readonly held: number }
  readonly store: {
    readonly engine: string
    readonly schema: number
    readonly database_bytes: number
    readonly wal_bytes: number
  }
}

export interface BackupReport {
  readonly folder: string
  readonly files: readonly string[]
  readonly made_at: string
  readonly octets: number
  /** Deliveries that wait in it: after it is restored they go out, also those that have gone out since. */
  readonly owed: number
}

export interface StoreSizeReport {
  readonly kinds: readonly { readonly kind: string; readonly octets: number }[]
  /** What retention makes smaller, and `retention.max_size` is about. */
  readonly used: number
  /** Null where the store is no file. */
  readonly disk_free: number | null
}

export interface BackupRow {
  readonly name: string
  readonly here: boolean
  readonly elsewhere: boolean
  /** Null where it is only elsewhere. */
  readonly made_at: string | null
  readonly octets: number | null
  readonly schema: number | null
  readonly version: string | null
}
