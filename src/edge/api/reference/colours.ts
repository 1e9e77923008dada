//
// Owns: colouring of JSON that is html already: names, texts, numbers and words. Pure.

const TOKEN =
  /(?<text>&quot;(?:\\.|(?!&quot;).)*?&quot;)(?<colon>\s*:)?|\b(?<word>true|false|null)\b|(?<number>-?\b\d[\d.eE+-]*\b)/g

/** `html` is JSON with its characters escaped. */
export function coloured(html: string): string {
  let done = ''
  let at = 0
  for (const match of html.matchAll(TOKEN)) {
    const { colon, number, text, word } = match.groups ?? {}
    done += html.slice(at, match.index)
    if (text !== undefined) done += colon === undefined ? span('t', text) : `${span('k', text)}${colon}`
    else if (word !== undefined) done += span('w', word)
    else if (number !== undefined) done += span('n', number)
    at = match.index + match[0].length
  }
  return done + html.slice(at)
}

const span = (kind: string, text: string): string => `<span class="${kind}">${text}</span>`

/** Any value, as people read JSON. */
export const json = (value: unknown): string =>
  `<pre tabindex="0"><code>${coloured(Bun.escapeHTML(JSON.stringify(value, null, 2)))}</code></pre>`
