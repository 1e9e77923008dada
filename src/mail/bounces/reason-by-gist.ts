//
// Owns: what a refusal means that no table knows word for word: of what it speaks, and what it says of it, close by.
// Never: goes before the tables, and never makes an address unusable by itself; reason.ts asks where it was said.

import type { BounceReason } from '../../core/failure.ts'

/** Whoever has not come to the point by then explains. */
const MAX_READ = 600

const RECIPIENT = String.raw`\b(?:user|users|mail ?box|inbox|recipient|addressee|account|address|alias|destination)\b`
const DENIED =
  "not accept|not allow|not permit|not welcome|no longer accept|n't accept|n't allow|refus|reject|denied|block|bann|prohibit|forbid|disallow|unwanted"
const US = String.raw`\b(?:your|sending|client|source|connecting|remote) (?:ip|host|server|network|mta|machine|mail ?server)\b|\[?\b\d{1,3}(?:\.\d{1,3}){3}\b\]?|\byour ips?\b`

/** One of the first words and one of the second, in either order, within a few words of one sentence. */
function both(of: string, said: string): RegExp {
  return new RegExp(`(?:${of})[^.;]{0,60}(?:${said})|(?:${said})[^.;]{0,60}(?:${of})`)
}

const GISTS: readonly (readonly [RegExp, BounceReason | 'unknown'])[] = [
  [/infect|\bmalware|\bvirus/, 'virus'],
  [
    both(String.raw`\bptr\b|\br?dns\b|\breverse`, 'fail|missing|invalid|not match|mismatch|lookup'),
    'ptr_missing',
  ],
  [/\b(?:spf|dkim|dmarc)\b/, 'authentication'],
  [/\brelay/, 'relay_denied'],
  [both(String.raw`\bdomain\b`, "(?:not|n't) (?:hosted|handled|served|local|here)"), 'relay_denied'],
  [both(String.raw`\b(?:connections?|sessions?)\b`, 'too many|limit|maximum|exceed'), 'too_many_connections'],
  [
    both(
      String.raw`\b(?:rate|throughput|volume|flow|frequency|traffic|pace)\b`,
      'exceed|limit|too|high|slow|control',
    ),
    'rate_limited',
  ],
  [
    both(String.raw`\b(?:first|new|unknown) (?:contact|sender|time|triplet)`, 'retry|try again|defer|later'),
    'greylisted',
  ],
  [
    both(String.raw`\bjunk|\bbulk|\bunsolicited|\badvertis`, 'message|mail|identif|detect|look|reject'),
    'spam',
  ],
  [both(String.raw`\b(?:attachments?|html|mime|charset|encoding|file|content)\b`, DENIED), 'content'],
  [
    both(
      RECIPIENT,
      String.raw`\bfull\b|exceed|no (?:more )?(?:space|room)|out of (?:space|room)|limit reached`,
    ),
    'mailbox_full',
  ],
  [
    both(
      RECIPIENT,
      String.raw`deactivat|dormant|disabled|suspend|inactive|locked|frozen|\bclosed\b|in service|on hold|not active`,
    ),
    'mailbox_disabled',
  ],
  [
    both(String.raw`\bsender|\bmail from|\breturn.path`, `${DENIED}|unknown|invalid|not exist|black`),
    'sender_refused',
  ],
  [
    /\bexternal|\boutside\b|\bonly internal|\binternal senders|\bonly (?:accepts?|members|known)/,
    'recipient_refused',
  ],
  [
    both(
      RECIPIENT,
      `unknown|not found|be found|no such|no valid|not? exist|n't exist|invalid|(?:not|n't)(?: a)? (?:valid|deliverable|known|here|recogni[sz]ed|listed|registered)|nonexist|not be resolved|unable to (?:find|locate)|no longer`,
    ),
    'unknown',
  ],
  [/not (?:a )?(?:deliverable|valid) (?:address|recipient|mailbox)/, 'unknown'],
  [both(US, `${DENIED}|listed|black|junk|too much`), 'blocked'],
  [
    both(
      String.raw`\bdomain\b|\bhost\b|\bserver\b`,
      `(?:not|n't|no longer) (?:accept|receive|take)s? (?:any )?(?:e-?)?mail`,
    ),
    'domain_refuses_mail',
  ],
  [/\b(?:polic(?:y|ies)|rules?|administrators?)\b/, 'policy'],
  [/authenticat|\blog ?in\b|\bpassword/, 'security'],
  [/deliver(?:y|ed)? (?:agent|program)/, 'mailer'],
  [/\babandon|\bgiven up\b|\b(?:after|within) \d{1,3} (?:days|hours)/, 'expired'],
  [/\bunsupported\b|\bparameters?\b|\barguments?\b/, 'syntax'],
]

/** `unknown`: it denies that the recipient exists. Null: nothing to go by. */
export function reasonByGist(words: string): BounceReason | 'unknown' | null {
  const start = words.slice(0, MAX_READ)
  return GISTS.find(([gist]) => gist.test(start))?.[1] ?? null
}
