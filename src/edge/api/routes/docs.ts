//
// Owns: the page that `docs` in an error leads to, as this very version has it: docs/errors.md with a place per code.

import { Elysia } from 'elysia'
import errors from '../../../../docs/errors.md' with { type: 'text' }

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'",
  'cache-control': 'public, max-age=3600',
}

export const docsRoutes = () => {
  const page = pageOf(errors)
  return new Elysia({ name: 'docs' }).get('/docs/errors', () => new Response(page, { headers: HEADERS }))
}

/** Markdown reads well as it is; all it lacks are the places that links point to. */
export const pageOf = (markdown: string): string =>
  `<!doctype html><meta charset="utf-8"><title>MailWok: errors</title>\n<pre>${withPlaces(markdown)}</pre>\n`

const withPlaces = (markdown: string): string =>
  markdown
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/^### (\w+)$/gm, '<b id="$1">### $1</b>')
