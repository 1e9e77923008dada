//
// Owns: what stands behind one first path segment, as public.ts asks it.

/** One request for something of ours. */
export interface PublicAsk {
  readonly request: Request
  /** From where it came, as far as trusted proxies say (edge/api/client-address.ts). */
  readonly client: string
  /** What stands behind `/x/`, as it was written; of a query nothing. */
  readonly token: string
}

export interface PublicRoute {
  /** All others get 405. */
  readonly methods: readonly string[]
  /** Null: there is nothing of that name. */
  answer(ask: PublicAsk): Response | null | Promise<Response | null>
}
