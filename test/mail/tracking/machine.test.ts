import { describe, expect, test } from 'bun:test'
import { signOfAgent } from '../../../src/mail/tracking/agents.ts'
import { judgeVisit, SOON, saysPrefetch, type Visit } from '../../../src/mail/tracking/machine.ts'

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36'
const GMAIL = 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)'
const YAHOO = 'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html'
const GMAIL_AHEAD =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0'

const visit = (change: Partial<Visit>): Visit => ({
  kind: 'click',
  method: 'GET',
  userAgent: CHROME,
  saysPrefetch: false,
  knownNetwork: false,
  at: 1_000_000,
  deliveredAt: 500_000,
  linksInMoment: 1,
  links: 5,
  ...change,
})

describe('who was it', () => {
  test.each([
    ['a browser, minutes later', {}, false, []],
    ['a browser that shows pictures', { kind: 'open' }, false, []],
    ['when nobody knows of the delivery any more', { deliveredAt: null }, false, []],
    ['HEAD', { method: 'HEAD' }, true, ['head']],
    ['any other method', { method: 'OPTIONS' }, true, ['head']],
    ['a scanner by name', { userAgent: 'BarracudaSentinel/1.0' }, true, ['security_scanner']],
    ['Gmail for a reader', { kind: 'open', userAgent: GMAIL }, null, ['mail_proxy']],
    ['Yahoo for a reader', { kind: 'open', userAgent: YAHOO }, null, ['mail_proxy']],
    [
      'Gmail at once',
      { kind: 'open', userAgent: GMAIL, at: 500_001 },
      true,
      ['soon_after_delivery', 'mail_proxy'],
    ],
    ['Gmail ahead of its reader', { kind: 'open', userAgent: GMAIL_AHEAD }, true, ['prefetch']],
    ['Apple ahead of its reader', { kind: 'open', userAgent: 'Mozilla/5.0' }, true, ['prefetch']],
    ['a picture proxy at a link', { userAgent: GMAIL }, true, ['mail_proxy']],
    ['a browser that says it is ahead', { saysPrefetch: true }, true, ['prefetch']],
    ['just before five seconds', { at: 500_000 + SOON - 1 }, true, ['soon_after_delivery']],
    ['five seconds', { at: 500_000 + SOON }, false, []],
    ['before the receiver said 250', { deliveredAt: 'not-yet' }, true, ['soon_after_delivery']],
    ['before by our clock', { at: 499_000 }, true, ['soon_after_delivery']],
    ['two of five links', { linksInMoment: 2 }, false, []],
    ['both links', { linksInMoment: 2, links: 2 }, null, ['all_links']],
    [
      'both links at once',
      { linksInMoment: 2, links: 2, at: 500_001 },
      true,
      ['soon_after_delivery', 'all_links'],
    ],
    ['three links', { linksInMoment: 3 }, true, ['all_links']],
    ['the only link, again', { linksInMoment: 1, links: 1 }, false, []],
    ['an open after three links', { kind: 'open', linksInMoment: 3 }, false, []],
    ['a library at a link', { userAgent: 'python-requests/2.32' }, true, ['not_a_browser']],
    ['a library at a picture', { kind: 'open', userAgent: 'python-requests/2.32' }, null, ['not_a_browser']],
    ['no name at a link', { userAgent: null }, true, ['not_a_browser']],
    ['no name at a picture', { kind: 'open', userAgent: ' ' }, null, ['not_a_browser']],
    ['out of a data centre', { knownNetwork: true }, null, ['known_network']],
    [
      'everything at once, the surest first',
      { method: 'HEAD', userAgent: 'curl/8', knownNetwork: true, deliveredAt: 'not-yet', linksInMoment: 9 },
      true,
      ['head', 'all_links', 'soon_after_delivery', 'not_a_browser', 'known_network'],
    ],
  ] as const)('%s', (_, change, machine, why) => {
    expect(judgeVisit(visit(change))).toEqual({ machine, why: [...why] })
  })
})

describe('user agents', () => {
  test.each([
    CHROME,
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)',
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0',
    'Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko',
    'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; ms-office; MSOffice 16)',
    'Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.14326; Pro)',
    'Outlook-iOS/709.2226530.prod.iphone (3.24.1)',
    'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.3.0',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36 Avast/128.0',
    'Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36',
  ])('of people: %s', (agent) => {
    expect(signOfAgent(agent)).toBeNull()
  })

  test.each([
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'not_a_browser'],
    ['Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)', 'not_a_browser'],
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0.0.0 Safari/537.36',
      'not_a_browser',
    ],
    ['Go-http-client/2.0', 'not_a_browser'],
    ['Java/17.0.2', 'not_a_browser'],
    ['okhttp/4.12.0', 'not_a_browser'],
    ['Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/AP1A.240505.004)', 'not_a_browser'],
    ['WhatsApp/2.23.20.0', 'not_a_browser'],
    ['Mozilla/5.0 (compatible; SomeMail ImageProxy/1.0)', 'mail_proxy'],
    [
      'Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b',
      'security_scanner',
    ],
    ['Microsoft Office Existence Discovery', 'security_scanner'],
    ['Mozilla/5.0 (compatible; ProofPoint URL Defense)', 'security_scanner'],
    [`${CHROME} (via ggpht.com GoogleImageProxy)`, 'mail_proxy'],
    ['', 'not_a_browser'],
  ] as const)('of programs: %s', (agent, sign) => {
    expect(signOfAgent(agent)).toBe(sign)
  })

  test('of a megabyte are read at their beginning', () => {
    expect(signOfAgent(`${CHROME}${' '.repeat(1_000_000)}curl/8`)).toBeNull()
  })
})

test('a request says that nobody looks yet', () => {
  expect(saysPrefetch(['prefetch;prerender'])).toBe(true)
  expect(saysPrefetch([null, undefined, 'Preview'])).toBe(true)
  expect(saysPrefetch([null, 'navigate', ''])).toBe(false)
})
