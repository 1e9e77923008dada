//
// Owns: what recipients read who leave: one question with one button, what else they can choose, and what was done. Forms
// without scripts.
// Never: an address of somebody: mail is forwarded with its links.

import type { LeftScope, Standing } from '../../services/engagement/leaving.ts'
import type { FormFault } from './form.ts'
import { page } from './page.ts'
import type { Words } from './words.ts'

export interface Offer {
  /** The domain that wrote. */
  readonly sender: string
  /** What this link is for. */
  readonly scope: LeftScope
  readonly words: Words
}

type What = 'this' | 'all'

export const leavePage = (offer: Offer): Response =>
  page({
    status: 200,
    words: offer.words,
    title: offer.words.ask,
    hasForm: true,
    body: `${subject(offer, offer.scope)}<p>${offer.words.willStop}</p>
${form({ does: 'leave', what: 'this', say: offer.words.leave })}${chooserLink(offer)}`,
  })

export function chooserPage(
  offer: Offer,
  standing: { readonly list: Standing | null; readonly marketing: Standing },
): Response {
  const { words } = offer
  const { list, marketing } = standing
  const hint = marketing === 'left' ? words.leftAll : undefined
  const ofList = list === null ? '' : row(offer, { scope: offer.scope, standing: list, hint })
  return page({
    status: 200,
    words,
    title: words.choose,
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
  const { words } = offer
  const what = whatOf(scope, offer)
  const done = (title: string, say: string, button: string): Response =>
    page({
      status: 200,
      words,
      title,
      hasForm: true,
      body: `${subject(offer, scope)}<p>${say}</p>\n${button}${chooserLink(offer)}`,
    })
  switch (standing) {
    case 'left':
      return done(
        words.left,
        words.hasStopped,
        form({ does: 'come-back', what, say: words.undo, isQuiet: true }),
      )
    case 'comes':
      return done(words.back, words.comes, form({ does: 'leave', what, say: words.leave, isQuiet: true }))
    case 'stopped':
      return page({
        status: 200,
        words,
        title: words.stopped,
        body: `${subject(offer, scope)}<p>${words.askSender}</p>`,
      })
    default:
      return standing satisfies never
  }
}

export const tooOldPage = (words: Words): Response =>
  page({ status: 410, words, title: words.tooOld, body: `<p>${words.newerLink}</p>` })

/** Who sends no form of ours is a program, or wrote one: these are in English. */
const REFUSALS: Readonly<
  Record<FormFault | 'nothing-said', { readonly status: number; readonly say: string }>
> = {
  'too-large': { status: 413, say: 'More was sent than a form of ours has.' },
  'wrong-type': { status: 415, say: 'What was sent is not a form.' },
  unreadable: { status: 400, say: 'The form that was sent cannot be read.' },
  'nothing-said': { status: 400, say: 'The form does not say what to do.' },
}

export function refusedPage(why: keyof typeof REFUSALS): Response {
  const { status, say } = REFUSALS[why]
  return page({ status, title: 'Nothing was changed', body: `<p>${say}</p>` })
}

function row(offer: Offer, { scope, standing, hint = offer.words.comes }: Stands): string {
  const { words } = offer
  const what = whatOf(scope, offer)
  const on = (say: string, button = ''): string =>
    `<section><h2 id="of-${what}">${nameOf(offer, scope)}</h2><small>${origin(offer, scope)}</small><p>${say}</p>\n${button}</section>\n`
  switch (standing) {
    case 'comes':
      return on(hint, form({ does: 'leave', what, say: words.leave, isNamed: true }))
    case 'left':
      return on(words.left, form({ does: 'come-back', what, say: words.again, isNamed: true, isQuiet: true }))
    case 'stopped':
      return on(words.stopped)
    default:
      return standing satisfies never
  }
}

const chooserLink = ({ words }: Offer): string => `\n<a href="?choose">${words.choose}</a>`

/** A link for all marketing mail has one thing to choose. */
const whatOf = (scope: LeftScope, offer: Offer): What => (scope === offer.scope ? 'this' : 'all')

interface Ask {
  readonly does: 'leave' | 'come-back'
  readonly what: What
  readonly say: string
  /** Beside others of its kind: who hears it must hear what it is for. */
  readonly isNamed?: true
  readonly isQuiet?: true
}

/** Sent back to the address that it came from, without `?choose`. */
function form({ does, what, say, isNamed, isQuiet }: Ask): string {
  const name = isNamed ? ` id="do-${what}" aria-labelledby="do-${what} of-${what}"` : ''
  const kind = isQuiet ? ' class="quiet"' : ''
  return `<form method="post" action="?"><input type="hidden" name="do" value="${does}"><input type="hidden" name="what" value="${what}"><button${kind}${name}>${say}</button></form>`
}

const subject = (offer: Offer, scope: LeftScope): string =>
  `<p class="of"><b>${nameOf(offer, scope)}</b><small>${origin(offer, scope)}</small></p>`

const nameOf = ({ words }: Offer, scope: LeftScope): string =>
  scope === 'marketing' ? words.all : Bun.escapeHTML(scope.slice('list:'.length))

const origin = ({ sender, words }: Offer, scope: LeftScope): string =>
  `${scope === 'marketing' ? '' : `${words.list} · `}${Bun.escapeHTML(sender)}`
