//
// Owns: `/u/<token>`: the page by which a recipient leaves, its form, and one-click (RFC 8058). The token is the authority:
// there is no session that a foreign page could ride on.
// Never: acts on GET or HEAD: filters follow every link of a mail (threat T20).

import type { Result } from '../../core/result.ts'
import { readWayOut, type WayOut } from '../../mail/tracking/way-out.ts'
import type { Departure, Leaving, LeftScope } from '../../services/engagement/leaving.ts'
import { type Form, readForm } from './form.ts'
import { chooserPage, donePage, leavePage, type Offer, refusedPage, tooOldPage } from './leave-pages.ts'
import { comeAgain } from './page.ts'
import { type ReadingRoutesParts, readerOf } from './reading.ts'
import type { PublicAsk, PublicRoute } from './route.ts'
import { wordsFor } from './words.ts'

export interface LeavingRoutesParts extends Pick<ReadingRoutesParts, 'tracking'> {
  readonly leaving: Pick<Leaving, 'find' | 'standing' | 'leave' | 'comeBack'>
}

/** What stands behind an address in a text, where a reader's program takes it for a part: `<…>`, `(…)`, the end of a sentence. */
const LINKED_WITH_IT = /(?:[^\w%-]|%[0-9a-f]{2}){1,8}$/i

export const leaveRoute = ({ leaving, tracking }: LeavingRoutesParts): PublicRoute => ({
  methods: ['GET', 'HEAD', 'POST'],
  async answer(ask) {
    const wayOut = readWayOut(ask.token.replace(LINKED_WITH_IT, ''), tracking.keys)
    if (wayOut === null) return null
    if (ask.request.method !== 'POST') return look(leaving, ask, wayOut)
    const form = await readForm(ask.request)
    return form.ok ? act(leaving, ask, { wayOut, form: form.value }) : refusedPage(form.error)
  },
})

type Desk = LeavingRoutesParts['leaving']

/** Reads, and nothing else. */
async function look(leaving: Desk, ask: PublicAsk, wayOut: WayOut): Promise<Response> {
  const words = wordsOf(ask)
  const leaver = await leaving.find(wayOut.deliveryId)
  if (leaver === null) return tooOldPage(words)
  const offer: Offer = { sender: leaver.signingDomain, scope: wayOut.scope, words }
  const { scope } = wayOut
  const standing = await leaving.standing(leaver, scope)
  if (!/[?&]choose(?:[=&]|$)/.test(ask.request.url)) {
    // Who comes back to look whether it was done.
    return standing === 'left' ? donePage(offer, { scope, standing }) : leavePage(offer)
  }
  return scope === 'marketing'
    ? chooserPage(offer, { list: null, marketing: standing })
    : chooserPage(offer, { list: standing, marketing: await leaving.standing(leaver, 'marketing') })
}

async function act(
  leaving: Desk,
  ask: PublicAsk,
  { wayOut, form }: { readonly wayOut: WayOut; readonly form: Form },
): Promise<Response> {
  const wish = wishOf(form, wayOut)
  if (wish === null) return refusedPage('nothing-said')
  const words = wordsOf(ask)
  const leaver = await leaving.find(wayOut.deliveryId)
  if (leaver === null) return tooOldPage(words)
  const { ip, userAgent } = readerOf(ask)
  const done: Result<string, string> =
    wish.does === 'come-back'
      ? await leaving.comeBack(leaver, wish.scope)
      : await leaving.leave(leaver, { scope: wish.scope, by: wish.by, ip, userAgent })
  if (!done.ok) return comeAgain(words, 503)
  const offer: Offer = { sender: leaver.signingDomain, scope: wayOut.scope, words }
  const { scope } = wish
  if (wish.does === 'leave') return donePage(offer, { scope, standing: 'left' })
  if (done.value === 'kept') return donePage(offer, { scope, standing: 'stopped' })
  // Something else may stop it as well: then nothing comes again.
  const standing = await leaving.standing(leaver, scope)
  const marketing = scope === 'marketing' ? null : await leaving.standing(leaver, 'marketing')
  return marketing === 'left'
    ? chooserPage(offer, { list: standing, marketing })
    : donePage(offer, { scope, standing })
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

const wordsOf = ({ request }: PublicAsk) => wordsFor(request.headers.get('accept-language'))
