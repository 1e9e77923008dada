//
// Owns: the shortcut for templates that hold nothing but `{{ name }}` and `{{ a.b }}`, which most are.
// Never: decides anything by itself. Whatever is not a plain string, number or boolean goes to Liquid, faults too,
// so that the shortcut cannot be told from Liquid but by its speed.

/** What a recipient's tags are filled from: JSON. */
export type MergeData = Readonly<Record<string, unknown>>

export interface PlainTemplate {
  /** One more than there are holes. */
  readonly statics: readonly string[]
  readonly holes: readonly (readonly string[])[]
}

/** Escapes what HTML reads as markup; the same five characters as Liquid's `escape`. */
export function escapeHtml(text: string): string {
  return /[&<>"']/.test(text) ? text.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char) : text
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}

const PATH = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/
/** Words with a meaning of their own, as values, operators or computed properties. */
const RESERVED: ReadonlySet<string> = new Set(
  'true false nil null empty blank and or not contains size first last'.split(' '),
)
/** Values longer than this in sum are Liquid's to refuse. */
const MAX_VALUES = 1_000_000

/** Null when the template holds more than plain variables. */
export function compilePlain(source: string): PlainTemplate | null {
  if (source.includes('{%')) return null
  const statics: string[] = []
  const holes: string[][] = []
  let from = 0
  for (let open = source.indexOf('{{'); open !== -1; open = source.indexOf('{{', from)) {
    const close = source.indexOf('}}', open + 2)
    if (close === -1) return null
    const inside = source.slice(open + 2, close).replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
    const path = inside.split('.')
    if (!PATH.test(inside) || path.some((name) => RESERVED.has(name))) return null
    statics.push(source.slice(from, open))
    holes.push(path)
    from = close + 2
  }
  statics.push(source.slice(from))
  return { statics, holes }
}

/** Null when a value is missing or not plain: Liquid knows what to print or to say. */
export function renderPlain(template: PlainTemplate, data: MergeData, escaped: boolean): string | null {
  let out = template.statics[0] ?? ''
  let printed = 0
  for (const [index, path] of template.holes.entries()) {
    const value = valueAt(data, path)
    if (value === null) return null
    printed += value.length
    if (printed > MAX_VALUES) return null
    out += escaped ? escapeHtml(value) : value
    out += template.statics[index + 1] ?? ''
  }
  return out
}

/**
 * Characters that `renderPlain` would print, before escaping; null where it would not, or where a value holds what no
 * mail can carry. To prove that a page renders costs a fraction of rendering it.
 */
export function provePlain(template: PlainTemplate, data: MergeData): number | null {
  let printed = 0
  for (const path of template.holes) {
    const value = valueAt(data, path)
    if (value === null || value.includes('\0') || !value.isWellFormed()) return null
    printed += value.length
    if (printed > MAX_VALUES) return null
  }
  return printed
}

function valueAt(data: MergeData, path: readonly string[]): string | null {
  let value: unknown = data
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null
    value = Reflect.get(value, name)
  }
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}
