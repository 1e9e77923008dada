//
// Owns: what a request for a pixel or a link said, before anybody has judged it.

import type { ReaderFacts } from '../../core/event.ts'
import type { DeliveryId } from '../../core/ids.ts'
import type { Milliseconds } from '../../core/time.ts'

interface Asked extends ReaderFacts {
  readonly deliveryId: DeliveryId
  readonly method: string
  readonly saysPrefetch: boolean
  readonly at: Milliseconds
}

export type Reading =
  | (Asked & { readonly kind: 'open' })
  | (Asked & {
      readonly kind: 'click'
      readonly target: string
      /** Counted from 1 over the tracked links of the copy, and how many there are. */
      readonly link: number
      readonly links: number
    })
