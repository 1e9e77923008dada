//
// Owns: undoing tracking for tests: what is left after every token of ours is taken out must be what was there before.

import { deliveryId, type MessageId } from '../../src/core/ids.ts'
import type { TrackingWish } from '../../src/mail/tracking/edits.ts'
import { clickTail, readClick, readOpen } from '../../src/mail/tracking/link-token.ts'

export const TRACKING_KEY = Buffer.alloc(32, 3)
export const DELIVERY = deliveryId('msg_mfxy1234z0ab' as MessageId, 0)
export const OTHER_DELIVERY = deliveryId('msg_mfxy1234z0ab' as MessageId, 9_999_999)
export const ORIGIN = 'https://track.example.com'
export const EVERYTHING: TrackingWish = { opens: true, clicks: true, origin: ORIGIN, untouched: [] }

export interface Untracked {
  /** As it was, if links were written plainly: `https://…` in the page and in the token alike. */
  readonly page: string
  readonly targets: readonly string[]
  readonly pixels: number
}

const LINK = /https:\/\/track\.example\.com\/c\/([\w-]+)/g
const PIXEL =
  /<img src="https:\/\/track\.example\.com\/o\/([\w-]+)" width="1" height="1" alt="" style="[^"]*">/g

/** Throws for a token that is not ours or of another copy. */
export function untrack(html: string, delivery = DELIVERY): Untracked {
  const targets: string[] = []
  let pixels = 0
  const page = html
    .replace(LINK, (_, token: string) => {
      const click = readClick(token, [TRACKING_KEY])
      if (click?.deliveryId !== delivery) throw new Error(`no token: ${token}`)
      if (!token.endsWith(clickTail(click.target, click.link, click.links))) throw new Error(token)
      targets.push(click.target)
      return click.target
    })
    .replace(PIXEL, (_, token: string) => {
      if (readOpen(token, [TRACKING_KEY]) !== delivery) throw new Error(`no token: ${token}`)
      pixels++
      return ''
    })
  return { page, targets, pixels }
}
