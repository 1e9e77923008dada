//
// Owns: the text part that is made where only html is given. What filters and people without html read.

import { compile } from 'html-to-text'
import { once } from '../../core/once.ts'

/** Characters that are looked at; what is beyond, large mailbox providers clip as well. Bounds the time it takes. */
const MAX_INPUT = 100 * 1024

const convert = once(() =>
  compile({
    wordwrap: 78,
    limits: { maxDepth: 100, ellipsis: '…' },
    selectors: [
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, noAnchorUrl: true } },
      // A picture says nothing in text; its alternative text is for those who load no pictures.
      { selector: 'img', format: 'skip' },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
        selector,
        options: { uppercase: false },
      })),
    ],
  }),
)

export function textAlternative(html: string): string {
  // The library's own limit writes to the console.
  return convert()(html.slice(0, MAX_INPUT)).trim()
}
