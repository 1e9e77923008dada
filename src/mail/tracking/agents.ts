//
// Owns: what user agents give away about themselves: a table of words, none of which a browser or a mail program writes.
// Sources: what the programs' makers document, and what senders have published of their logs.

import type { MachineSign } from '../../core/event.ts'

export type AgentSign = Extract<MachineSign, 'mail_proxy' | 'prefetch' | 'security_scanner' | 'not_a_browser'>

/** Words in lower case; the first row that has one in the user agent counts. */
const WORDS: readonly (readonly [AgentSign, readonly string[]])[] = [
  // Fetch pictures when a letter is shown to somebody, through their own addresses.
  [
    'mail_proxy',
    ['imageproxy', 'image proxy', 'ggpht.com', 'yahoomailproxy', 'yahoocachesystem', 'yandeximageresizer'],
  ],
  // Open what is in a letter before, or instead of, its reader.
  [
    'security_scanner',
    ['barracuda', 'proofpoint', 'mimecast', 'safelinks', 'symantec', 'messagelabs', 'fireeye'],
  ],
  [
    'security_scanner',
    ['trendmicro', 'trend micro', 'sophos', 'ironport', 'forcepoint', 'zscaler', 'fortiguard'],
  ],
  [
    'security_scanner',
    ['fortimail', 'avanan', 'cloudmark', 'vadesecure', 'hornetsecurity', 'spamexperts', 'antispam'],
  ],
  [
    'security_scanner',
    ['mailmarshal', 'trustwave', 'mcafee', 'webroot', 'bitdefender', 'kaspersky', 'virustotal'],
  ],
  [
    'security_scanner',
    ['urlscan', 'phishtank', 'netcraft', 'checkpoint', 'palo alto', 'cisco-', 'google-safety'],
  ],
  // Outlook.com looks at links with it; Office asks what is behind one before it opens a browser.
  [
    'security_scanner',
    ['bingpreview', 'microsoft office existence discovery', 'microsoft office protocol discovery'],
  ],
  // Programs: libraries, command lines, crawlers, previews in chats, browsers without a screen.
  [
    'not_a_browser',
    [
      'bot/',
      'bot;',
      'bot ',
      'bot)',
      'bot-',
      'crawler',
      'spider',
      'slurp',
      'facebookexternalhit',
      'skypeuripreview',
    ],
  ],
  [
    'not_a_browser',
    ['curl/', 'wget/', 'python', 'libwww', 'lwp::', 'go-http-client', 'java/', 'apache-httpclient'],
  ],
  [
    'not_a_browser',
    ['node-fetch', 'axios/', 'undici', 'got (', 'guzzlehttp', 'ruby', 'aiohttp', 'httpx/', 'php/', 'ahc/'],
  ],
  // Apps of telephones that fetch by the system's library: a picture for a reader, a link for its preview.
  ['not_a_browser', ['okhttp/', 'dalvik/', 'whatsapp/']],
  [
    'not_a_browser',
    ['headlesschrome', 'phantomjs', 'puppeteer', 'playwright', 'selenium', 'scanner', 'preview'],
  ],
]

/** Whole user agents that programs write and people's browsers do not. */
const WHOLE: ReadonlyMap<string, AgentSign> = new Map([
  // Mail Privacy Protection fetches every picture when mail arrives, read or not.
  ['mozilla/5.0', 'prefetch'],
  // Gmail's, while a session is open and before anybody looks.
  [
    'mozilla/5.0 (windows nt 10.0; win64; x64) applewebkit/537.36 (khtml, like gecko) chrome/42.0.2311.135 safari/537.36 edge/12.246 mozilla/5.0',
    'prefetch',
  ],
])

/** Makers of telephones whose name looks like a program's. */
const PEOPLES = /cubot/g
/** Browsers say less than 300 characters; what an attacker adds behind is not read. */
const MAX_READ = 512

/** Null: a browser, a mail program, or something that pretends to be one. */
export function signOfAgent(userAgent: string | null): AgentSign | null {
  const agent = (userAgent ?? '').slice(0, MAX_READ).trim().toLowerCase().replace(PEOPLES, '')
  if (agent === '') return 'not_a_browser'
  const whole = WHOLE.get(agent)
  if (whole !== undefined) return whole
  return WORDS.find(([, words]) => words.some((word) => agent.includes(word)))?.[0] ?? null
}
