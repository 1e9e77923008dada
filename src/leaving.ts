//
// Owns: wiring how recipients leave: the same for the page, one-click and mail.

import type { Foundation } from './foundation.ts'
import { Leaving } from './services/engagement/leaving.ts'

/** It keeps nothing: each who needs one has one. */
export const leavingOf = ({
  bell,
  clock,
  ids,
  log,
  meter,
  recall,
  store,
  suppression,
}: Foundation): Leaving =>
  new Leaving({
    store: store.engagement,
    entries: store.suppressions,
    suppression,
    recall: (left) => {
      recall.takeBack(left).catch((error: unknown) => {
        log.error('what waits in memory could not be taken back', { error: String(error) })
      })
    },
    ring: (event) => bell.ring([{ events: [event] }]),
    clock,
    ids,
    log,
    meter,
  })
