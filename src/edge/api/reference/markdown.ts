//
// Owns: pages of docs/ as html: by the Markdown parser of the runtime, with places for headings as code hosts name them,
// links to pages that are served here, and coloured JSON. Markup in a page stays text. Pure.

import { coloured } from './colours.ts'

export interface Heading {
  readonly level: number
  readonly place: string
  /** Html. */
  readonly words: string
}

export interface Rendered {
  readonly html: string
  readonly headings: readonly Heading[]
}

/** `isPage` tells which names have a page; links to what lies in the repository alone become text. */
export function render(markdown: string, isPage: (name: string) => boolean): Rendered {
  const headings: Heading[] = []
  const html = Bun.markdown
    .html(markdown, { noHtmlBlocks: true, noHtmlSpans: true, autolinks: { url: true } })
    .replace(/<h([1-6])>(.*?)<\/h\1>/gs, (_, level: string, words: string) => {
      const place = placeOf(plain(words))
      headings.push({ level: Number(level), place, words })
      const link = `<a class="place" href="#${place}" aria-label="Link to this section">#</a>`
      return `<h${level} id="${place}">${words}${level === '1' ? '' : link}</h${level}>`
    })
    .replace(/<a href="([^"]*)">(.*?)<\/a>/gs, (all, href: string, words: string) =>
      linked(all, href, words, isPage),
    )
    .replace(/<table>/g, '<div class="wide" tabindex="0" role="region" aria-label="Table"><table>')
    .replace(/<\/table>/g, '</table></div>')
    .replace(/ align="(left|right|center)"/g, ' class="$1"')
    .replace(/<pre><code class="language-json">([\s\S]*?)<\/code><\/pre>/g, (_, code: string) =>
      block(coloured(code)),
    )
    .replace(/<pre>(<code[\s\S]*?)<\/pre>/g, (all, code: string) =>
      all.includes('tabindex') ? all : `<pre tabindex="0">${code}</pre>`,
    )
  return { html, headings }
}

const block = (code: string): string => `<pre tabindex="0"><code>${code}</code></pre>`

function linked(all: string, href: string, words: string, isPage: (name: string) => boolean): string {
  if (href.startsWith('#')) return all
  const [, page, place = ''] = /^(?:\.\/)?([\w-]+)\.md(#[\w-]+)?$/.exec(href) ?? []
  if (page !== undefined && isPage(page)) return `<a href="/docs/${page}${place}">${words}</a>`
  return /^https?:\/\//.test(href) ? `<a href="${href}" rel="noreferrer">${words}</a>` : words
}

/** As code hosts name them. */
export const placeOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const plain = (html: string): string =>
  html.replace(/<[^>]*>/g, '').replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? '')
const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
}

/** A sentence or two, such as descriptions of operations. */
export const sentences = (markdown: string): string => render(markdown, () => false).html

/** Words of one line, without a paragraph around them. */
export const inline = (markdown: string): string =>
  sentences(markdown)
    .trim()
    .replace(/^<p>([\s\S]*)<\/p>$/, '$1')
