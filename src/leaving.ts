//
// Owns: wiring how recipients leave: the same for the page, one-click and mail.

import type { Foundation } from './foundation.ts'
import { Leaving } from './services/engagement/leaving.ts'

/** It keeps nothing: each who needs one has one. */
export const leavingOf = ({ bell, clock, ids, log, meter, store, suppression }: Foundation): Leaving =>
  new Leaving({
    store: store.engagement,
    entries: store.suppressions,
    suppression,
    ring: (event) => bell.ring([{ events: [event] }]),
    clock,
    ids,
    log,
    meter,
  })
