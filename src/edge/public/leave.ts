//
// Owns: `/u/<token>`: the page by which a recipient leaves, its form, and one-click (RFC 8058). The token is the authority:
// there is no session that a foreign page could ride on.
// Never: acts on GET or HEAD: filters follow every link of a mail (threat T20).

import type { Result } from '../../core/result.ts'
import { readWayOut, type WayOut } from '../../mail/tracking/way-out.ts'
import type { Departure, Leaver, Leaving, LeftScope } from '../../services/engagement/leaving.ts'
import { type Form, readForm } from './form.ts'
import { chooserPage, donePage, leavePage, type Offer, refusedPage, tooOldPage } from './leave-pages.ts'
import { type ReadingRoutesParts, readerOf } from './reading.ts'
import type { PublicAsk, PublicRoute } from './route.ts'

export interface LeavingRoutesParts extends Pick<ReadingRoutesParts, 'tracking'> {
  readonly leaving: Pick<Leaving, 'find' | 'standing' | 'leave' | 'comeBack'>
}

export const leaveRoute = ({ leaving, tracking }: LeavingRoutesParts): PublicRoute => ({
  methods: ['GET', 'HEAD', 'POST'],
  async answer(ask) {
    const wayOut = readWayOut(ask.token, tracking.keys)
    if (wayOut === null) return null
    if (ask.request.method !== 'POST') return look(leaving, ask, wayOut)
    const form = await readForm(ask.request)
    return form.ok ? act(leaving, ask, { wayOut, form: form.value }) : refusedPage(form.error)
  },
})

type Desk = LeavingRoutesParts['leaving']

/** Reads, and nothing else. */
async function look(leaving: Desk, { request }: PublicAsk, wayOut: WayOut): Promise<Response> {
  const leaver = await leaving.find(wayOut.deliveryId)
  if (leaver === null) return tooOldPage()
  if (!/\?choose(?:=|$)/.test(request.url)) return leavePage(offerOf(leaver, wayOut))
  return chooserPage(offerOf(leaver, wayOut), {
    list: wayOut.scope === 'marketing' ? null : await leaving.standing(leaver, wayOut.scope),
    marketing: await leaving.standing(leaver, 'marketing'),
  })
}

async function act(
  leaving: Desk,
  ask: PublicAsk,
  { wayOut, form }: { readonly wayOut: WayOut; readonly form: Form },
): Promise<Response> {
  const wish = wishOf(form, wayOut)
  if (wish === null) return refusedPage('nothing-said')
  const leaver = await leaving.find(wayOut.deliveryId)
  if (leaver === null) return tooOldPage()
  const { ip, userAgent } = readerOf(ask)
  const done: Result<string, string> =
    wish.does === 'come-back'
      ? await leaving.comeBack(leaver, wish.scope)
      : await leaving.leave(leaver, { scope: wish.scope, by: wish.by, ip, userAgent })
  if (!done.ok) return refusedPage('busy')
  const standing = wish.does === 'leave' ? 'left' : done.value === 'kept' ? 'stopped' : 'comes'
  return donePage(offerOf(leaver, wayOut), { scope: wish.scope, standing })
}

type Wish =
  | { readonly does: 'leave'; readonly scope: LeftScope; readonly by: Departure['by'] }
  | { readonly does: 'come-back'; readonly scope: LeftScope }

/** RFC 8058 §3.2: the pair is as exact as it is written there. */
function wishOf(form: Form, { scope }: WayOut): Wish | null {
  if (form.get('List-Unsubscribe') === 'One-Click') return { does: 'leave', scope, by: 'one-click' }
  const chosen = form.get('what') === 'all' ? 'marketing' : form.get('what') === 'this' ? scope : null
  if (chosen === null) return null
  switch (form.get('do')) {
    case 'leave':
      return { does: 'leave', scope: chosen, by: 'page' }
    case 'come-back':
      return { does: 'come-back', scope: chosen }
    default:
      return null
  }
}

const offerOf = ({ signingDomain }: Leaver, { scope }: WayOut): Offer => ({ sender: signingDomain, scope })
