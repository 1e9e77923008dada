//
// Owns: what recipients read who leave: one question with one button, what else they can choose, and what was done. Words
// and forms, without scripts.
// Never: an address of somebody: mail is forwarded with its links.

import type { LeftScope, Standing } from '../../services/engagement/leaving.ts'
import type { FormFault } from './form.ts'
import { page } from './page.ts'

export interface Offer {
  /** The domain that wrote. */
  readonly sender: string
  /** What this link is for. */
  readonly scope: LeftScope
}

type What = 'this' | 'all'

export const leavePage = (offer: Offer): Response =>
  page({
    status: 200,
    title: 'Unsubscribe?',
    hasForm: true,
    body: `<p>${capital(saying(offer, offer.scope))} will not come to you any more.</p>
${form({ does: 'leave', what: 'this', say: 'Unsubscribe' })}
<p><a href="?choose">Choose what you get from ${Bun.escapeHTML(offer.sender)}</a></p>`,
  })

export function chooserPage(
  offer: Offer,
  standing: { readonly list: Standing | null; readonly marketing: Standing },
): Response {
  const { list, marketing } = standing
  const hint = marketing === 'left' ? 'You have left all marketing mail.' : undefined
  const ofList = list === null ? '' : row(offer, { scope: offer.scope, standing: list, hint })
  return page({
    status: 200,
    title: `What you get from ${offer.sender}`,
    hasForm: true,
    body: ofList + row(offer, { scope: 'marketing', standing: marketing }),
  })
}

interface Stands {
  readonly scope: LeftScope
  readonly standing: Standing
  /** Instead of the words that it comes. */
  readonly hint?: string | undefined
}

export function donePage(offer: Offer, { scope, standing }: Stands): Response {
  const what = saying(offer, scope)
  switch (standing) {
    case 'left':
      return page({
        status: 200,
        title: 'You are unsubscribed',
        hasForm: true,
        body: `<p>${capital(what)} will not come to you any more. What was on its way already may still arrive.</p>
${form({ does: 'come-back', what: whatOf(scope, offer), say: 'Undo: subscribe again' })}${others(offer)}`,
      })
    case 'comes':
      return page({
        status: 200,
        title: 'You are subscribed again',
        hasForm: true,
        body: `<p>${capital(what)} comes to you as before.</p>
${form({ does: 'leave', what: whatOf(scope, offer), say: 'Unsubscribe' })}${others(offer)}`,
      })
    case 'stopped':
      return page({
        status: 200,
        title: 'The sender has stopped this mail',
        body: `<p>${capital(what)} does not come to you, and not because of you. Ask ${Bun.escapeHTML(offer.sender)} about it.</p>`,
      })
    default:
      return standing satisfies never
  }
}

export const tooOldPage = (): Response =>
  page({
    status: 410,
    title: 'This link is too old',
    body: '<p>Nothing is known any more about the message that it came with. Use the link of a newer message of this sender.</p>',
  })

const REFUSALS: Readonly<
  Record<FormFault | 'nothing-said' | 'busy', { readonly status: number; readonly say: string }>
> = {
  'too-large': { status: 413, say: 'More was sent than a form of ours has.' },
  'wrong-type': { status: 415, say: 'What was sent is not a form.' },
  unreadable: { status: 400, say: 'The form that was sent cannot be read.' },
  'nothing-said': { status: 400, say: 'The form does not say what to do.' },
  busy: { status: 503, say: 'It cannot be stored at this moment. Please try again in a minute.' },
}

export function refusedPage(why: keyof typeof REFUSALS): Response {
  const { status, say } = REFUSALS[why]
  return page({
    status,
    title: 'Nothing was changed',
    body: `<p>${say}</p>`,
    ...(status === 503 ? { headers: { 'retry-after': '60' } } : {}),
  })
}

function row(offer: Offer, { scope, standing, hint = 'It comes to you.' }: Stands): string {
  const what = whatOf(scope, offer)
  const say = `<h2>${capital(saying(offer, scope))}</h2>\n`
  switch (standing) {
    case 'comes':
      return `${say}<p>${hint}</p>\n${form({ does: 'leave', what, say: 'Unsubscribe' })}\n`
    case 'left':
      return `${say}<p>You have unsubscribed from it.</p>\n${form({ does: 'come-back', what, say: 'Subscribe again' })}\n`
    case 'stopped':
      return `${say}<p>The sender has stopped it for you.</p>\n`
    default:
      return standing satisfies never
  }
}

const others = ({ sender }: Offer): string =>
  `\n<p><a href="?choose">Choose what you get from ${Bun.escapeHTML(sender)}</a></p>`

/** A link for all marketing mail has one thing to choose. */
const whatOf = (scope: LeftScope, offer: Offer): What => (scope === offer.scope ? 'this' : 'all')

/** Sent back to the address that it came from, without `?choose`. */
const form = (asks: {
  readonly does: 'leave' | 'come-back'
  readonly what: What
  readonly say: string
}): string =>
  `<form method="post" action="?"><input type="hidden" name="do" value="${asks.does}"><input type="hidden" name="what" value="${asks.what}"><button>${asks.say}</button></form>`

function saying({ sender }: Offer, scope: LeftScope): string {
  const from = `<b>${Bun.escapeHTML(sender)}</b>`
  return scope === 'marketing'
    ? `all marketing mail of ${from}`
    : `the list <b>${Bun.escapeHTML(scope.slice('list:'.length))}</b> of ${from}`
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)
