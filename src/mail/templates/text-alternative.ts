//
// Owns: the text part that is made where only html is given. What filters and people without html read.

import { compile } from 'html-to-text'

/** Characters that are looked at; a page beyond is cut. The conversion is linear, so this bounds its time. */
const MAX_INPUT = 512 * 1024

const convert = compile({
  wordwrap: 78,
  limits: { maxDepth: 100, ellipsis: '…' },
  selectors: [
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, noAnchorUrl: true } },
    // A picture says nothing in text; its alternative text is for those who load no pictures.
    { selector: 'img', format: 'skip' },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
  ],
})

export function textAlternative(html: string): string {
  // The library's own limit writes to the console.
  return convert(html.slice(0, MAX_INPUT)).trim()
}
