//
// Owns: what a refusal means that no table knows word for word: of what it speaks, and what it says of it, close by.
// Never: goes before the tables, and never makes an address unusable by itself; reason.ts asks where it was said.

import type { BounceReason } from '../../core/failure.ts'
import { gistAbroad } from './gist-abroad.ts'

/** Whoever has not come to the point by then explains. */
const MAX_READ = 600

const RECIPIENT = String.raw`\b(?:user|users|mail ?box|inbox|recipient|rcpt(?: ?to)?|receiver|addressee|account|(?<!ip )(?:mail ?)?address|alias|destination)\b(?!(?:'s)? (?:domain|server))`
const STORE = String.raw`\b(?:user|mail ?box|inbox|recipient|addressee|account)\b(?!'s (?:server|domain)| (?:server|domain))`
const DENIED =
  "not accept|not allow|not permit|not welcome|no longer accept|n't accept|n't allow|refus|reject|denied|block|bann|prohibit|forbid|disallow|unwanted|unaccept|not take "
const US = String.raw`\b(?:your|sending|client|source|connecting|remote) (?:ip|host|server|network|mta|machine|mail ?server)\b|\[?\b\d{1,3}(?:\.\d{1,3}){3}\b\]?|\byour ips?\b|\bip(?: address)?\b`
const UNABLE = "cannot|can't|can not|could not|couldn't|unable to|failed to|not"

/** The dots of names and numbers end no sentence. */
const NEAR = String.raw`(?:[^.;]|\.(?! )){0,60}`

/** One of the first words and one of the second, in either order, within a few words of one sentence. */
function both(of: string, said: string, near = NEAR): RegExp {
  return new RegExp(`(?:${of})${near}(?:${said})|(?:${said})${near}(?:${of})`)
}

const GISTS: readonly (readonly [RegExp, BounceReason | 'unknown'])[] = [
  [/dictionary attack|\bharvest|\b[he][he]lo\b/, 'blocked'],
  [/infect|\bmalware|\bvirus/, 'virus'],
  [/\b(?:illegal|invalid|bad|restricted|special) (?:characters?|syntax)\b/, 'syntax'],
  [
    both(String.raw`\b(?:urls?|links?|uris?|web ?sites?)\b`, `listed|black|block|malicious|filter|${DENIED}`),
    'spam',
  ],
  [
    both(String.raw`\bptr\b|\br?dns\b|\breverse`, 'fail|missing|invalid|not match|mismatch|lookup'),
    'ptr_missing',
  ],
  [/\b(?:spf|dkim|dmarc)\b/, 'authentication'],
  [/\brelay|\bnot (?:one of )?our domain/, 'relay_denied'],
  [both(String.raw`\bdomain\b`, "(?:not|n't) (?:hosted|handled|served|local|here)"), 'relay_denied'],
  [/\bconform\b|\brfcs?\b|\bcompl(?:y|iant)\b(?!.{0,40}polic)|\bstandards\b/, 'not_compliant'],
  [
    both(
      String.raw`\b(?:attachments?|html|mime|charset|encoding|file|content)\b`,
      `${DENIED}|count|exceed|maximum|filter|strip`,
    ),
    'content',
  ],
  [
    both(
      String.raw`\b(?:subject|headers?)\b`,
      'empty|missing|lack|required|must|invalid|duplicate|multiple|not accept',
    ),
    'not_compliant',
  ],
  [
    both(
      String.raw`\b(?:messages?|mails?|attachments?|data|content)\b`,
      String.raw`too (?:big|large|long|heavy)|\blength\b|\bsize\b`,
    ),
    'too_large',
  ],
  [
    both(
      String.raw`\b(?:rcpts?|recipients|messages?|mails|e-mails|errors|requests|sending)\b`,
      String.raw`too many|too fast|number of|numbers|\blimit(?:s|ed)?\b|over size|hourly|daily|per (?:hour|day|minute)`,
    ),
    'rate_limited',
  ],
  [/\bslow(?:er| down)\b|\btoo (?:much|many|frequent) (?:e-?)?(?:mail|message|post)/, 'rate_limited'],
  [both(String.raw`\b(?:connections?|sessions?)\b`, 'too many|limit|maximum|exceed'), 'too_many_connections'],
  [
    both(
      String.raw`\b(?:rate|throughput|volume|flow|frequency|traffic|pace)\b`,
      'exceed|limit|too|high|slow|control|reached',
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
  [/\bscor(?:e|ed|es|ing)\b[^.;]{0,40}\d|\d points\b/, 'spam'],
  [both(String.raw`\bdns\b`, 'error|fail|time(?:d )?out|no data|query|resol'), 'network'],
  [
    both(
      STORE,
      String.raw`\bfull\b|exceed|not (?:have )?enough|insufficient|over quot|no (?:more )?(?:space|room)|out of (?:space|room)|limit reached`,
    ),
    'mailbox_full',
  ],
  [
    both(
      String.raw`\b(?:disks?|file ?system|spool|storage)\b`,
      String.raw`\bfull\b|\bspace\b|insufficient|enough`,
    ),
    'system_full',
  ],
  [/\btls\b|\bssl\b|\bencrypt|\bcertificate/, 'tls'],
  [both(String.raw`\bdomain\b`, 'suspend|disabled|inactive|expired|parked'), 'mailbox_disabled'],
  [/\breputation\b/, 'reputation'],
  [/\bno (?:\w+ )?activity\b|\binactivity\b/, 'mailbox_disabled'],
  [
    both(
      RECIPIENT,
      String.raw`deactivat|dormant|disabled|suspend|inactive|locked|frozen|hang ?up|(?:currently|temporarily) unavail|\bclosed\b|in service|not (?:been )?activ|no (?:\w+ )?activity|deleted|cancell?ed|log ?in to|(?:cannot|can't|not|unable to) receive|not currently (?:being )?accept`,
    ),
    'mailbox_disabled',
  ],
  [
    both(String.raw`\bsender|\bmail from|\breturn.path`, `${DENIED}|unknown|invalid|not exist|black|verif`),
    'sender_refused',
  ],
  [/\bheld\b|\bmoderat|\bapproval/, 'on_hold'],
  [both(String.raw`\bpost(?:ing|ed)?\b`, `${DENIED}|disabled|only|non-?member`), 'sender_refused'],
  [/\b(?:wish|want)(?:es|s)? (?:to )?(?:receive|get|accept)\b/, 'recipient_refused'],
  [
    /\bexternal|\boutside\b|\bonly internal|\binternal senders|\bonly (?:accepts?|members|known)|\brestricted\b|\bprivate (?:list|group)|\b(?:local|internal|members?|subscribers?) (?:users? )?only\b/,
    'recipient_refused',
  ],
  [
    both(
      RECIPIENT,
      `unknown|bogus|not found|be found|no such|no valid|not? exist|n't exist|invalid|(?:not|n't)(?: a)? (?:valid|deliverable|known|here|recogni[sz]ed|listed|registered)|nonexist|not (?:in|on) (?:our|the|my|this|ldap)|not be resolved|unable to (?:find|locate)|no longer`,
    ),
    'unknown',
  ],
  [/\bnot (?:an? )?(?:user|account|customer|subscriber|member)\b|\bunavailable (?:mail )?user/, 'unknown'],
  [/not (?:a )?(?:deliverable|valid) (?:address|recipient|mailbox)/, 'unknown'],
  [
    /\bno longer (?:works?|employed|with|here|exists?|in use|valid|an? )|\bleft (?:the|this|our) (?:company|organi)/,
    'unknown',
  ],
  [
    /\bnobody (?:called|named|by)|\bnot one of (?:our|my) (?!domain)|\bnever existed|\bnot assigned\b|\bwrong (?:recipient|address|user)/,
    'unknown',
  ],
  [/\bnever accepts? (?:any )?(?:e-?)?mail/, 'domain_refuses_mail'],
  [/\bno such (?!host|domain|file|command|message|process|table|directory)/, 'unknown'],
  [
    /\bno ?(?:one|body|person|user)\b(?: \w+){0,3} (?:here|by that|by this|with (?:that|this)|at (?:that|this))/,
    'unknown',
  ],
  [
    new RegExp(
      `(?:${UNABLE}) (?:be )?(?:verif|validat|recogni|identif|resolv|locat|find|found)\\w* (?:the )?(?:recipient|user|mailbox|address|account)`,
    ),
    'unknown',
  ],
  [
    /(?:\bnot|n't|\bno) (?:have|know|host|find) (?:an? |any |that |this |such )?(?:mailbox|user|account|address|recipient)/,
    'unknown',
  ],
  [/\brecipient (?:address )?(?:verification|validation)/, 'unknown'],
  [/\b(?:cannot|can't|not) deliver (?:any )?(?:mail )?(?:for|to) </, 'unknown'],
  [/\bverify (?:yourself|that you|you are)\b|\bchallenge|\bconfirm (?:your|that you)\b/, 'recipient_refused'],
  [
    both(US, `${DENIED}|listed|black|junk|too much|defer|invalid|hang ?up|n't sent|not sent`, '[^.;]{0,60}'),
    'blocked',
  ],
  [/\b(?:use|through|via) (?:your|the|an?) (?:\w+ ){0,5}(?:isp|provider)\b/, 'blocked'],
  [
    both(
      String.raw`\b(?:domain|host ?name)\b`,
      `no such|not exist|n't exist|unknown|not found|be found|unresolv|not resolve|nonexist|(?:not |un)reachable`,
    ),
    'domain_unknown',
  ],
  [/\bno smtp service|\bno mx\b|\bno mail exchanger/, 'domain_refuses_mail'],
  [
    both(
      String.raw`\bdomain\b|\bhost\b|\bserver\b|\bsystem\b`,
      `(?:not|n't|no longer) (?:accept|receive|take)(?:s|ing)? (?:any |network )?(?:e-?)?(?:mail|messages)`,
    ),
    'domain_refuses_mail',
  ],
  [both(RECIPIENT, DENIED), 'recipient_refused'],
  [/\b(?:polic(?:y|ies)|rules?|administrators?)\b/, 'policy'],
  [/authenticat|\bauth\b|\blog ?in\b|\bpassword/, 'security'],
  [
    /\b(?:child process|exit(?:ed)?|returned|status) (?:\w+ )?\d{1,3}\b|\bpipe\b|deliver(?:y|ed)? (?:agent|program)|\b(?:run|execute|start)(?:ning)? (?:the )?(?:program|script|command)/,
    'mailer',
  ],
  [
    /\babandon|\bgiv(?:en|ing) up\b|\b(?:after|within|for) \d{1,3} (?:more )?(?:days|hours)|\bfor the last \d|\btimed?[ -]?out\b|\b(?:be|being) retried\b|\bretry time|\bwill retry\b|\d attempts\b|\b(?:not |un)reachable\b/,
    'expired',
  ],
  [
    both(
      String.raw`\b(?:ldap|database|directory|mail ?store|backend|queue|file|lock)\b`,
      "unable|cannot|can't|could not|fail|error|busy|unavailable|down",
    ),
    'system',
  ],
  [
    both(
      String.raw`\bconnect`,
      'fail|refus|lost|reset|closed by|unable|could not|establish|drop|broken|died',
    ),
    'network',
  ],
  [/\blook ?up\b|\bname ?server|\bloop/, 'network'],
  [/\bunsupported\b|\bparameters?\b|\barguments?\b/, 'syntax'],
]

/** `unknown`: it denies that the recipient exists. Null: nothing to go by. */
export function reasonByGist(words: string): BounceReason | 'unknown' | null {
  const start = words.slice(0, MAX_READ)
  return GISTS.find(([gist]) => gist.test(start))?.[1] ?? gistAbroad(start)
}
