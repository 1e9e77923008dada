//
// Owns: what of a message's opens and clicks is counted, decided once at the door and frozen with it. Pure.
// Never: whether a host is ready (services/domains/tracking-hosts.ts), or how links are rewritten (mail/tracking).

import type { TrackingSwitches } from '../../core/account.ts'
import type { Content } from '../../core/content.ts'
import type { MessageWishes, Tracking } from '../../core/message.ts'
import type { Submission } from '../../core/submission.ts'
import { asBuffer } from '../../mail/mime/scan.ts'
import { headerOf } from './feedback-fields.ts'
import type { SenderFacts } from './policy.ts'

export interface TrackingFacts {
  readonly asked: TrackingSwitches
  readonly page: Page
  /** By default, not by name: then a message without html is no disappointment. */
  readonly byDefault: boolean
  /** Of the sending domain. */
  readonly switches: TrackingSwitches
  readonly domain: string
  readonly host: { readonly base: string } | { readonly off: string }
}

/** What a message has that could be tracked. */
export type Page = 'html' | 'none' | 'sealed'

export const ALL_ON: TrackingSwitches = { opens: true, clicks: true }

/** Undefined: nobody asked, or there is nothing that could be. */
export function trackingWish(facts: TrackingFacts): Tracking | undefined {
  const { asked, byDefault, host, page, switches } = facts
  if (!asked.opens && !asked.clicks) return undefined
  if (page === 'none') return byDefault ? undefined : { off: 'the message has no html part' }
  if (page === 'sealed') return { off: 'the message is signed or encrypted by its author' }
  const opens = asked.opens && switches.opens
  const clicks = asked.clicks && switches.clicks
  if (!opens && !clicks) return { off: `${sayAsked(asked)} switched off for ${facts.domain}` }
  if ('off' in host) return host
  if (opens && clicks) return { base: host.base, opens, clicks }
  return opens ? { base: host.base, opens } : { base: host.base, clicks: true }
}

const sayAsked = ({ opens, clicks }: TrackingSwitches): string =>
  opens && clicks ? 'opens and clicks are' : opens ? 'counting opens is' : 'counting clicks is'

/** Whether anything has to be found out at all. Our own notices are nobody's campaign. */
export const asksTracking = ({ content, options, source }: Submission): boolean =>
  source !== 'notice' &&
  (options.trackOpens || options.trackClicks) &&
  (source === 'smtp' || pageIn(content) !== 'none')

const SEALED =
  /^content-type[ \t]*:(?:[ \t]|\r\n[ \t])*(?:multipart\/(?:signed|encrypted)|application\/(?:x-)?pkcs7-mime)/im

export function pageIn(content: Content): Page {
  if (content.kind !== 'submitted') return content.parts.html === null ? 'none' : 'html'
  if (SEALED.test(headerOf(content))) return 'sealed'
  return namesHtml(asBuffer(content.bytes)) ? 'html' : 'none'
}

/** Larger ones are not searched on the serving thread. */
const MAX_SEARCHED = 1024 * 1024

/** A word of it is enough: what it stands in is read by the worker, once per content. */
const namesHtml = (bytes: Buffer): boolean =>
  bytes.length > MAX_SEARCHED ||
  SPELLINGS.some((name) => bytes.includes(name, 0, 'latin1')) ||
  /text\/html/i.test(bytes.toString('latin1'))

const SPELLINGS = ['text/html', 'TEXT/HTML'] as const

/** Where links of this mail may lead: `hostSeen` says whether the domain's own host is worth a look. */
export type FindHost = (domain: Submission['fromDomain'], hostSeen: boolean) => Promise<TrackingFacts['host']>

/** What goes with a message that asks for it; the same object where nothing is to be said. */
export async function withTracking(
  submission: Submission,
  sender: SenderFacts,
  hostOf: FindHost,
): Promise<MessageWishes> {
  const { fromDomain, options, source } = submission
  const known = sender.kind === 'unknown' ? undefined : sender.tracking
  const domain = sender.kind === 'unknown' ? fromDomain : sender.signingDomain
  const tracking = trackingWish({
    asked: { opens: options.trackOpens, clicks: options.trackClicks },
    page: pageIn(submission.content),
    byDefault: source === 'api',
    switches: known ?? ALL_ON,
    domain,
    host: await hostOf(domain, known?.hostSeen ?? false),
  })
  return tracking === undefined ? options.wishes : { ...options.wishes, tracking }
}
