//
// Owns: the fields by which mail can be left and sorted: List-Unsubscribe and List-Help (RFC 2369), List-Unsubscribe-Post
// (RFC 8058), List-Id (RFC 2919). They hold marks where a copy's tokens will be (mail/tracking/way-out.ts).
// Never: replaces a field that the client wrote.

import type { Domain } from '../../core/address.ts'
import type { Submission } from '../../core/submission.ts'
import { ADDRESS_MARK, URL_MARK, wayOutTail } from '../../mail/tracking/way-out.ts'
import { returnPathHost } from '../domains/records.ts'
import type { WaysOut } from './door.ts'
import { headerOf } from './feedback-fields.ts'
import { ONE_CLICK } from './list-wish.ts'
import type { SenderFacts } from './policy.ts'

const WRITTEN = {
  'list-unsubscribe': /^list-unsubscribe[ \t]*:/im,
  'list-unsubscribe-post': /^list-unsubscribe-post[ \t]*:/im,
  'list-id': /^list-id[ \t]*:/im,
  'list-help': /^list-help[ \t]*:/im,
} as const

/** Marketing mail that names no list is told apart by this. */
const UNNAMED = 'marketing'

/** The page of a copy; the same for all copies until each is rendered. */
export const wayOutUrl = (base: string, list: string | undefined): string =>
  `${base}/u/${URL_MARK}${wayOutTail(list)}`

/** Empty for mail that is of no list and has no way out of ours, which is most. */
export function listFields(submission: Submission, sender: SenderFacts, ways: WaysOut): string {
  const { stream, wishes } = submission.options
  const { list, unsubscribe } = wishes
  if (stream !== 'marketing' && unsubscribe !== true) return ''
  const header = headerOf(submission.content)
  const lacks = (name: keyof typeof WRITTEN): boolean => !WRITTEN[name].test(header)
  const url = wayOutUrl(ways.baseFor(submission.fromDomain), list)
  let fields = ''
  if (unsubscribe === true && lacks('list-unsubscribe')) {
    fields += `List-Unsubscribe: <${url}>,\r\n <${mailtoOf(sender, ways)}>\r\n`
    // It counts with https alone (RFC 8058 §3.1), and is acted on with http as well: labs have no other.
    if (lacks('list-unsubscribe-post')) fields += `List-Unsubscribe-Post: ${ONE_CLICK}\r\n`
  }
  if (lacks('list-id')) fields += listId(list ?? UNNAMED, submission.fromDomain)
  if (lacks('list-help')) fields += `List-Help: <${unsubscribe === true ? url : helpOf(submission)}>\r\n`
  return fields
}

/** A verified domain has its return path host's MX with us. */
function mailtoOf(sender: SenderFacts, { host }: WaysOut): string {
  const domain = sender.kind === 'verified' ? returnPathHost(sender.signingDomain) : host
  return `mailto:unsub+${ADDRESS_MARK}@${domain}?subject=unsubscribe`
}

/** A label with dots is no phrase without quotes (RFC 5322 §3.2.5). */
const listId = (label: string, domain: Domain): string => `List-Id: "${label}" <${label}.${domain}>\r\n`

/**
 * RFC 2369 §3.1: our page says what comes and how to change it. A sender who leads people elsewhere is asked himself; RFC 6068
 * §2 has what means something in a URL written in per cent.
 */
function helpOf({ from }: Submission): string {
  const at = from.lastIndexOf('@')
  return `mailto:${encodeURIComponent(from.slice(0, at)).replace(/%2B/g, '+')}${from.slice(at)}?subject=help`
}
