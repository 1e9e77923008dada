//
// Owns: the fields that every answer to recipients has, and the plain pages: without scripts, pictures or anything from elsewhere.
// Never: an address of somebody, or a word of whoever asked.

import { createHash } from 'node:crypto'
import { ENGLISH, type Words } from './words.ts'

/** Tokens are whose they are sent to: no cache keeps an answer, no other host hears the address it came from. */
export const SHARED_FIELDS = {
  'cache-control': 'no-store, private',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow',
} as const

export interface Page {
  readonly status: number
  /** Of all that stands on it; English unless said. */
  readonly words?: Words
  /** Plain text. */
  readonly title: string
  /** Html that stands as it is: what comes from elsewhere goes through `Bun.escapeHTML` first. */
  readonly body: string
  /** It has a form, which may be sent to us alone. */
  readonly hasForm?: true
  readonly headers?: Readonly<Record<string, string>>
}

// Text has a contrast of 4.5 and more, edges of buttons 3 and more, in both schemes (WCAG 2.2, 1.4.3 and 1.4.11).
const STYLE = `:root{color-scheme:light dark;--back:#f3f4f6;--card:#fff;--text:#1b1f24;--soft:#57606a;--line:#d5d9df;--act:#1a5fb4;--on:#fff}
@media (prefers-color-scheme:dark){:root{--back:#111418;--card:#1b2027;--text:#e8eaed;--soft:#a3abb6;--line:#353d48;--act:#8ab8f5;--on:#10151c}}
*{box-sizing:border-box}
body{font:1rem/1.5 system-ui,sans-serif;margin:0;min-height:100vh;min-height:100dvh;display:grid;place-items:center;padding:1rem;background:var(--back);color:var(--text)}
main{width:min(28rem,100%);padding:1.75rem;border:1px solid var(--line);border-radius:1rem;background:var(--card);overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem}h2{font-size:1rem;margin:0}p{margin:.75rem 0}form{margin:1.25rem 0 0}
section{margin-top:1.25rem;padding-top:1.25rem;border-top:1px solid var(--line)}section form{margin-top:1rem}
.of{margin:0;padding:.75rem 1rem;border-radius:.5rem;background:var(--back)}.of b,.of small{display:block}small,section p{font-size:.9375rem;color:var(--soft);margin:.25rem 0 0}
button{font:inherit;font-weight:600;width:100%;min-height:3rem;padding:.5rem 1.25rem;border:1px solid var(--act);border-radius:.5rem;background:var(--act);color:var(--on);cursor:pointer}
button.quiet{background:transparent;color:var(--act)}button:hover{text-decoration:underline}
a{display:block;margin-top:.75rem;padding:.625rem;text-align:center;color:var(--act)}
:focus-visible{outline:3px solid var(--text);outline-offset:2px;border-radius:.5rem}`
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

const policy = (formAction: "'self'" | "'none'"): string =>
  `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`

export function page({ status, words = ENGLISH, title, body, hasForm, headers }: Page): Response {
  const name = Bun.escapeHTML(title)
  const html = `<!doctype html>
<html lang="${words.lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${name}</title><style>${STYLE}</style></head><body><main><h1>${name}</h1>
${body}
</main></body></html>
`
  return new Response(html, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-language': words.lang,
      ...SHARED_FIELDS,
      'content-security-policy': policy(hasForm ? "'self'" : "'none'"),
      'x-frame-options': 'DENY',
      ...headers,
    },
  })
}

/** A mistyped, cut or made-up link: all look alike. */
export const notHere = (words: Words): Response =>
  page({ status: 404, words, title: words.broken, body: `<p>${words.wholeLink}</p>` })

export const wrongMethod = (methods: readonly string[]): Response =>
  page({
    status: 405,
    title: 'This cannot be done here',
    body: '<p>The link is for opening it.</p>',
    headers: { allow: methods.join(', ') },
  })

const SECONDS_TO_WAIT = 60

/** 500: something of ours broke. 503: what we need for it is away for the moment. */
export const comeAgain = (words: Words, status: 500 | 503): Response =>
  page({
    status,
    words,
    title: words.later,
    body: `<p>${words.notNow}</p>`,
    headers: { 'retry-after': String(SECONDS_TO_WAIT) },
  })
