//
// Owns: the words of a notice that comes as HTML only. One walk, no parser: what it says matters, not how it looks.

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  '#39': "'",
  '#34': '"',
  '#64': '@',
}

const BREAKS: ReadonlySet<string> = new Set([
  'br',
  'p',
  '/p',
  'div',
  '/div',
  'tr',
  '/tr',
  'li',
  'hr',
  'h1',
  'h2',
])

export function htmlToWords(html: string): string {
  let out = ''
  let at = 0
  while (at < html.length) {
    const open = html.indexOf('<', at)
    if (open === -1) break
    out += html.slice(at, open)
    const close = html.indexOf('>', open)
    if (close === -1) return decodeEntities(out)
    const name = /^\/?[a-z0-9]{1,10}/i.exec(html.slice(open + 1, open + 12))?.[0].toLowerCase() ?? ''
    if (BREAKS.has(name)) out += '\n'
    at = name === 'style' || name === 'script' ? afterElement(html, name, close) : close + 1
  }
  return decodeEntities(out + html.slice(at))
}

function afterElement(html: string, name: string, from: number): number {
  const end = html.indexOf(`</${name}`, from)
  return end === -1 ? html.length : end
}

const decodeEntities = (text: string): string =>
  text.replace(/&(#?[a-z0-9]{1,6});/gi, (whole, name: string) => ENTITIES[name.toLowerCase()] ?? whole)
