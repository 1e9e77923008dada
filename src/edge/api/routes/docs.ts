//
// Owns: the pages for users, as this very version has them: /docs, /docs/webhooks and so on; /docs/errors is where `docs`
// in an error leads to, with a place per code.

import { Elysia } from 'elysia'
import addresses from '../../../../docs/addresses.md' with { type: 'text' }
import api from '../../../../docs/api.md' with { type: 'text' }
import bounces from '../../../../docs/bounces.md' with { type: 'text' }
import delivery from '../../../../docs/delivery.md' with { type: 'text' }
import dns from '../../../../docs/dns.md' with { type: 'text' }
import encryption from '../../../../docs/encryption.md' with { type: 'text' }
import errors from '../../../../docs/errors.md' with { type: 'text' }
import feedback from '../../../../docs/feedback.md' with { type: 'text' }
import inbound from '../../../../docs/inbound.md' with { type: 'text' }
import operating from '../../../../docs/operating.md' with { type: 'text' }
import reliability from '../../../../docs/reliability.md' with { type: 'text' }
import sandbox from '../../../../docs/sandbox.md' with { type: 'text' }
import smtp from '../../../../docs/smtp.md' with { type: 'text' }
import standards from '../../../../docs/standards.md' with { type: 'text' }
import statistics from '../../../../docs/statistics.md' with { type: 'text' }
import suppression from '../../../../docs/suppression.md' with { type: 'text' }
import tracking from '../../../../docs/tracking.md' with { type: 'text' }
import unsubscribe from '../../../../docs/unsubscribe.md' with { type: 'text' }
import webhooks from '../../../../docs/webhooks.md' with { type: 'text' }

const PAGES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    addresses,
    api,
    bounces,
    delivery,
    dns,
    encryption,
    errors,
    feedback,
    inbound,
    operating,
    reliability,
    sandbox,
    smtp,
    standards,
    statistics,
    suppression,
    tracking,
    unsubscribe,
    webhooks,
  }),
)

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'",
  'cache-control': 'public, max-age=3600',
}

export function docsRoutes() {
  const routes = new Elysia({ name: 'docs' }).get('/docs', () => answer(CONTENTS))
  for (const [name, text] of PAGES) routes.get(`/docs/${name}`, () => answer(text))
  return routes
}

const answer = (markdown: string): Response => new Response(pageOf(markdown), { headers: HEADERS })

const titleOf = (markdown: string): string => /^# (.+)$/m.exec(markdown)?.[1] ?? ''

const CONTENTS = `# Documentation\n\n${[...PAGES]
  .map(([name, text]) => `- [${titleOf(text)}](${name}.md)`)
  .join('\n')}\n`

/** Markdown reads well as it is; all it lacks are links, and the places that they point to. */
export const pageOf = (markdown: string): string =>
  `<!doctype html><meta charset="utf-8"><title>MailWok: ${escaped(titleOf(markdown).toLowerCase())}</title>\n` +
  `<pre>${linked(placed(escaped(markdown)))}</pre>\n`

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

const placed = (text: string): string =>
  text
    .replace(/^### ([a-z_]+)$/gm, '<b id="$1">### $1</b>')
    .replace(
      /^(#{1,6}) (.+)$/gm,
      (line, _, title: string) => `<strong id="${placeOf(title)}">${line}</strong>`,
    )

/** As GitHub names them. */
const placeOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

/** To pages that are served here; what lies in the repository stays text. */
const linked = (text: string): string =>
  text.replace(
    /\[([^\]\n]+)\]\((?:(\w+)\.md)?(#[\w-]+)?\)/g,
    (all, words: string, page?: string, place = '') => {
      if (page === undefined) return place === '' ? all : `<a href="${place}">${words}</a>`
      return PAGES.has(page) ? `<a href="/docs/${page}${place}">${words}</a>` : all
    },
  )
