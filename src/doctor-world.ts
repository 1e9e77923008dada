//
// Owns: what the doctor looks with: the configuration, ways to ask, the running node and the open store, if there are any.

import type { Config } from './config/schema.ts'
import type { Clock } from './core/ports.ts'
import type { ListenerBook } from './listeners.ts'
import type { Resolver } from './net/dns/resolver.ts'
import type { Endpoint } from './net/dns/servers.ts'
import type { OwnAddresses } from './own-addresses.ts'
import type { OrderedFacts } from './services/doctor/certificate.ts'
import type { Depth } from './services/doctor/doctor.ts'
import type { QueueFacts } from './services/doctor/mail.ts'
import type { PortFacts } from './services/doctor/ports.ts'
import type { StoreFacts } from './services/doctor/store.ts'
import type { Domains } from './services/domains/domains.ts'
import type { OwnNames } from './services/domains/records.ts'
import type { Store } from './store/store.ts'

export interface NodeFacts {
  readyz(): {
    readonly ok: boolean
    readonly reasons: readonly { readonly part: string; readonly reason: string }[]
  }
  listeners(): ListenerBook
  lanes(): QueueFacts['lanes']
  /** Why the last backup by the clock failed; null: it did not. */
  backupFailure(): Promise<string | null>
}

export interface OpenStore {
  readonly store: Store
  readonly domains: Domains
  readonly names: OwnNames
  /** Those that an authority issues. */
  certificates(): Promise<readonly OrderedFacts[]>
}

export interface DoctorWorld {
  readonly config: Config
  /** Null where it was not given as a file. */
  readonly configFile: string | null
  readonly clock: Clock
  /** One that remembers nothing. */
  readonly resolver: Resolver
  readonly servers: readonly Endpoint[]
  readonly own: OwnAddresses
  readonly ca: string | null
  /** Null: none runs in this process. */
  readonly node: NodeFacts | null
  /** Null: it could not be opened; `storeFacts` says why. */
  readonly open: OpenStore | null
  storeFacts(depth: Depth): Promise<StoreFacts>
  /** Seen while this process could still see everybody's; null: to be looked at now. */
  readonly ports: readonly PortFacts[] | null
}
