//
// Owns: the page around every guide and the reference: what it may load, its head, and the way from one to the other.
// Never: a script or style inside it, or anything from another host.

import { createHash } from 'node:crypto'
import script from './browser.js' with { type: 'text' }
import style from './docs.css' with { type: 'text' }
import { Packed } from './packed.ts'

/** Under a name that changes with what it holds: browsers may keep it for ever. */
interface Asset {
  readonly path: string
  readonly type: string
  readonly text: string
}
const assetOf = (name: string, ending: string, type: string, text: string): Asset => ({
  path: `/docs/assets/${name}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.${ending}`,
  type,
  text,
})
const STYLE = assetOf('docs', 'css', 'text/css; charset=utf-8', style)
const SCRIPT = assetOf('docs', 'js', 'text/javascript; charset=utf-8', script)
const ICON = assetOf(
  'docs',
  'svg',
  'image/svg+xml',
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b57a8"/><path d="M7 10h18v13H7z" fill="none" stroke="#fff" stroke-width="2" stroke-linejoin="round"/><path d="m7 11 9 7 9-7" fill="none" stroke="#fff" stroke-width="2" stroke-linejoin="round"/></svg>',
)
export const ASSETS: readonly Asset[] = [STYLE, SCRIPT, ICON]

const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const FIELDS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
} as const

export interface Page {
  readonly title: string
  /** Of the menu: which entry it is. */
  readonly here: string
  /** Html: the groups of pages, or the parts of the reference. */
  readonly menu: string
  readonly body: string
  /** Html: places on this page; empty where it is short. */
  readonly places?: string
  readonly isWide?: true
}

/** Html. */
export function framed({ body, here, isWide, menu, places, title }: Page): string {
  const name = Bun.escapeHTML(title)
  const link = (path: string, words: string): string =>
    `<a href="${path}"${here === path ? ' aria-current="page"' : ''}>${words}</a>`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${name} · MailWok</title><meta name="color-scheme" content="light dark">
<link rel="icon" href="${ICON.path}" type="image/svg+xml"><link rel="stylesheet" href="${STYLE.path}"><script src="${SCRIPT.path}" defer></script></head>
<body><a class="skip" href="#content">Skip to the content</a>
<header class="top"><a class="brand" href="/docs">MailWok</a><nav aria-label="Documentation">${link('/docs', 'Guides')}${link('/docs/api-reference', 'API reference')}<a href="/v1/openapi.json">OpenAPI</a></nav></header>
<div class="frame${isWide ? ' wide-frame' : ''}"><nav class="menu" aria-label="Contents"><details class="fold"><summary>Contents</summary>${menu}</details></nav>
<main id="content" tabindex="-1">${body}</main>${places ? `<nav class="places" aria-label="On this page"><p>On this page</p>${places}</nav>` : ''}</div>
</body></html>
`
}

export const asPage = (html: string): Packed =>
  new Packed(html, {
    ...FIELDS,
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'public, max-age=300',
  })

export const served = ({ text, type }: Asset): Response =>
  new Response(text, {
    headers: { ...FIELDS, 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' },
  })
