//
// Owns: the fields that every answer to recipients has, and the plain pages: without scripts, pictures or anything from elsewhere.
// Never: an address of somebody, or a word of whoever asked.

import { createHash } from 'node:crypto'

/** Tokens are whose they are sent to: no cache keeps an answer, no other host hears the address it came from. */
export const SHARED_FIELDS = {
  'cache-control': 'no-store, private',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow',
} as const

export interface Page {
  readonly status: number
  /** Plain text. */
  readonly title: string
  /** Html that stands as it is: what comes from elsewhere goes through `Bun.escapeHTML` first. */
  readonly body: string
  /** It has a form, which may be sent to us alone. */
  readonly hasForm?: true
  readonly headers?: Readonly<Record<string, string>>
}

const STYLE = `:root{color-scheme:light dark;--line:#8884;--act:#1f5fbf}*{box-sizing:border-box}
body{font:1rem/1.5 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:#8881}
main{width:min(32rem,100%);padding:1.5rem 2rem;border:1px solid var(--line);border-radius:.75rem;background:Canvas}
h1{font-size:1.375rem;line-height:1.25;margin:.25rem 0 1rem}h2{font-size:1rem;margin:1.5rem 0 0;padding-top:1rem;border-top:1px solid var(--line)}
p{margin:.5rem 0 1rem;overflow-wrap:anywhere}a{color:LinkText}form{margin:1rem 0}
button{font:inherit;font-weight:600;padding:.6rem 1.25rem;border:0;border-radius:.5rem;background:var(--act);color:#fff;cursor:pointer}
button:hover,button:focus-visible{filter:brightness(1.15)}button:focus-visible,a:focus-visible{outline:3px solid var(--act);outline-offset:2px}`
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

const policy = (formAction: "'self'" | "'none'"): string =>
  `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`

export function page({ status, title, body, hasForm, headers }: Page): Response {
  const name = Bun.escapeHTML(title)
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${name}</title>
<style>${STYLE}</style></head><body><main><h1>${name}</h1>
${body}
</main></body></html>
`
  return new Response(html, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      ...SHARED_FIELDS,
      'content-security-policy': policy(hasForm ? "'self'" : "'none'"),
      'x-frame-options': 'DENY',
      ...headers,
    },
  })
}

/** A mistyped, cut or made-up link: all look alike. */
export const notHere = (): Response =>
  page({
    status: 404,
    title: 'There is nothing here',
    body: '<p>The link is not complete, or it is not one of ours. In the message it came from it may be whole.</p>',
  })

export const wrongMethod = (methods: readonly string[]): Response =>
  page({
    status: 405,
    title: 'This cannot be done here',
    body: '<p>The link is for opening it.</p>',
    headers: { allow: methods.join(', ') },
  })

export const ourFault = (): Response =>
  page({
    status: 500,
    title: 'Something broke on our side',
    body: '<p>Please come again in a moment.</p>',
  })
