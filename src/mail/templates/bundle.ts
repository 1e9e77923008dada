//
// Owns: writing a template, its layouts and its partials into one Liquid text: `layout`, `block`, `render` and `include`
// by name within what is handed in. No file is read and no name is computed.

import type { TemplateSource } from '../../core/template.ts'
import { withoutNeedlessScopes } from './needless-scopes.ts'
import { type SourceFault, SourceFaultError } from './source-fault.ts'
import { placeAt, type SourceToken, sourceTokens } from './source-tokens.ts'

/** Layouts and partials by name. */
export type Pieces = ReadonlyMap<string, TemplateSource>

export type BundlePart = 'html' | 'text'

export interface Bundle {
  readonly text: string
  /** True: it is MJML. */
  readonly mjml: boolean
  /** Names of the layouts and partials in it. */
  readonly uses: ReadonlySet<string>
}

/** Layouts in layouts, partials in partials. */
const MAX_DEPTH = 10
/** Characters of the whole. */
export const MAX_BUNDLE = 2_000_000
const MAX_TAKEN_IN = 2_000

/** In an overriding block, where the overridden one stands. */
type Override = readonly string[]

interface Room {
  readonly pieces: Pieces
  readonly part: BundlePart
  readonly uses: Set<string>
  characters: number
  taken: number
  mjml: boolean
}

/** One source on its way into the whole. */
interface Place {
  readonly piece: string
  /** The names that led here. */
  readonly path: readonly string[]
  readonly source: string
  readonly overrides: ReadonlyMap<string, Override>
}

export function bundleOf(
  name: string,
  source: TemplateSource,
  { part, pieces }: { readonly part: BundlePart; readonly pieces: Pieces },
): Bundle {
  const text = partOf(source, part) ?? ''
  const room: Room = { pieces, part, uses: new Set(), characters: 0, taken: 0, mjml: false }
  room.mjml = part === 'html' && source.mjml !== null
  const whole = expand(room, { piece: name, path: [name], source: text, overrides: new Map() })
  return { text: withoutNeedlessScopes(whole, part === 'html'), mjml: room.mjml, uses: room.uses }
}

/** The layouts and partials that a source names; empty for what no Liquid is, which building says. */
export function namesIn({ html, mjml, text }: TemplateSource): readonly string[] {
  const names = new Set<string>()
  for (const source of [html, mjml, text]) {
    if (source === null || !/\{%-?\s*(?:layout|render|include)\b/.test(source)) continue
    for (const [, , name = ''] of source.matchAll(/\{%-?\s*(?:layout|render|include)\s+(['"])([^'"]+)\1/g)) {
      names.add(name)
    }
  }
  return [...names]
}

const partOf = (source: TemplateSource, part: BundlePart): string | null =>
  part === 'text' ? source.text : (source.mjml ?? source.html)

function expand(room: Room, place: Place): string {
  const tokens = sourceTokens(place.source)
  const first = tokens.find(({ kind, text }) => kind !== 'text' || text.trim() !== '')
  for (const token of tokens) {
    if (token.name === 'layout' && token !== first) {
      throw failed(place, token, 'layout has to stand before everything else')
    }
    if (token.name === 'liquid' && /^\s*(?:render|include|layout|block)\b/m.test(token.args)) {
      throw failed(place, token, 'layouts, blocks and partials have to stand in tags of their own')
    }
  }
  if (first?.name !== 'layout') return spelled(room, place, tokens)
  const [next, ...rest] = tokens.slice(tokens.indexOf(first) + 1)
  const after = next && first.trimsRight ? { ...next, text: next.text.trimStart() } : next
  return inLayout(room, place, { layout: first, rest: after ? [after, ...rest] : [] })
}

function inLayout(
  room: Room,
  place: Place,
  { layout, rest }: { readonly layout: SourceToken; readonly rest: readonly SourceToken[] },
): string {
  const { name, args } = named(place, layout)
  const inner = enter(room, place, { token: layout, name })
  const blocks = blocksOf(room, place, rest)
  const whole = expand(room, { ...inner, overrides: new Map([...blocks, ...place.overrides]) })
  const given = args.replace(/^,\s*/, '')
  return given === '' ? whole : `{% within ${given} %}${whole}{% endwithin %}`
}

/** What stands outside of blocks is the block `content`. */
function blocksOf(room: Room, place: Place, tokens: readonly SourceToken[]): Map<string, Override> {
  const blocks = new Map<string, Override>()
  const outside: SourceToken[] = []
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    if (token === undefined) break
    if (token.name !== 'block') {
      outside.push(token)
      continue
    }
    const end = endOf(place, tokens, at)
    const name = blockName(token)
    if (blocks.has(name)) throw failed(place, token, `block ${JSON.stringify(name)} stands here twice`)
    const text = spelled(room, place, tokens.slice(at + 1, end))
    blocks.set(name, text.split(SUPER))
    at = end
  }
  const left = spelled(room, place, outside)
  if (left.trim() === '') return blocks
  if (blocks.has(CONTENT)) {
    const first = outside.find(({ text }) => text.trim() !== '') ?? outside[0]
    throw failed(place, first, 'text outside of blocks is the block "content", which is here as well')
  }
  return blocks.set(CONTENT, [left])
}

const CONTENT = 'content'
/** Noncharacters: no text of a mail holds them. */
const SUPER = '\uFDD0super\uFDD1'

const blockName = ({ args }: SourceToken): string => args.replace(/^['"]|['"]$/g, '') || CONTENT

function endOf(place: Place, tokens: readonly SourceToken[], begin: number): number {
  let open = 0
  for (let at = begin; at < tokens.length; at++) {
    if (tokens[at]?.name === 'block') open++
    if (tokens[at]?.name === 'endblock' && --open === 0) return at
  }
  throw failed(place, tokens[begin], 'block has no endblock')
}

function spelled(room: Room, place: Place, tokens: readonly SourceToken[]): string {
  let out = ''
  let trims = false
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    if (token === undefined) break
    const isOurs = OURS.has(token.name)
    if (isOurs && token.trimsLeft) out = out.trimEnd()
    let piece = token.text
    if (token.name === 'block') {
      const end = endOf(place, tokens, at)
      piece = blockIn(room, place, { token, inside: tokens.slice(at + 1, end) })
      at = end
    } else if (token.name === 'endblock') {
      throw failed(place, token, 'endblock has no block')
    } else if (token.name === 'render' || token.name === 'include') {
      piece = partialIn(room, place, token)
    } else if (token.kind === 'output' && token.args === 'block.super') {
      piece = SUPER
    } else {
      count(room, place, { token, length: piece.length })
    }
    out += trims ? piece.trimStart() : piece
    trims = isOurs && token.trimsRight
  }
  return out
}

const OURS: ReadonlySet<string> = new Set(['layout', 'block', 'endblock', 'render', 'include'])

function blockIn(
  room: Room,
  place: Place,
  { token, inside }: { readonly token: SourceToken; readonly inside: readonly SourceToken[] },
): string {
  const override = place.overrides.get(blockName(token))
  if (override === undefined) return spelled(room, place, inside)
  const text = override.length === 1 ? (override[0] ?? '') : override.join(spelled(room, place, inside))
  // One block may stand in many places.
  count(room, place, { token, length: text.length })
  return text
}

function partialIn(room: Room, place: Place, token: SourceToken): string {
  const { name, args } = named(place, token)
  const inner = expand(room, { ...enter(room, place, { token, name }), overrides: new Map() })
  const loop = /^for\s+(.+?)\s+as\s+([A-Za-z_][\w-]*)\s*,?\s*([\s\S]*)$/.exec(args)
  if (loop) {
    const [, list = '', each = '', rest = ''] = loop
    const given = [`${each}: ${each}`, 'forloop: forloop', rest].filter((one) => one !== '').join(', ')
    return `{% for ${each} in ${list} %}{% isolated ${given} %}${inner}{% endisolated %}{% endfor %}`
  }
  const one = /^with\s+(?!:)(.+?)(?:\s+as\s+([A-Za-z_][\w-]*))?\s*(?:,\s*([\s\S]*))?$/.exec(args)
  const given = one
    ? [`${one[2] ?? name}: ${one[1]}`, one[3] ?? ''].filter((each) => each !== '').join(', ')
    : args.replace(/^,\s*/, '')
  const tag = token.name === 'include' ? 'within' : 'isolated'
  return `{% ${tag}${given === '' ? '' : ` ${given}`} %}${inner}{% end${tag} %}`
}

function named(place: Place, token: SourceToken): { readonly name: string; readonly args: string } {
  const [, , name = '', args = ''] = /^(['"])([^'"]+)\1\s*([\s\S]*)$/.exec(token.args) ?? []
  if (name === '' || name.includes('{')) {
    throw failed(place, token, `${token.name} wants the name of a template in quotes, such as "footer"`)
  }
  return { name, args: args.trim() }
}

function enter(
  room: Room,
  place: Place,
  { token, name }: { readonly token: SourceToken; readonly name: string },
): Omit<Place, 'overrides'> {
  const piece = room.pieces.get(name)
  if (piece === undefined) {
    throw failed(place, token, `there is no published layout or partial ${JSON.stringify(name)}`)
  }
  const path = [...place.path, name]
  if (place.path.includes(name)) throw failed(place, token, `goes in a circle: ${path.join(' → ')}`)
  if (path.length > MAX_DEPTH) throw failed(place, token, `is deeper than ${MAX_DEPTH}: ${path.join(' → ')}`)
  if (++room.taken > MAX_TAKEN_IN) {
    throw failed(place, token, `takes in more than ${MAX_TAKEN_IN} layouts and partials`)
  }
  const source = partOf(piece, room.part)
  if (source === null) throw failed(place, token, `${name} has no ${room.part}`)
  if (room.part === 'html' && piece.mjml !== null && !room.mjml) {
    if (token.name !== 'layout') throw failed(place, token, `${name} is MJML, and goes into MJML alone`)
    room.mjml = true
  }
  if (room.mjml && token.name === 'layout' && piece.mjml === null) {
    throw failed(place, token, `${name} is HTML, which cannot be the layout of MJML`)
  }
  room.uses.add(name)
  return { piece: name, path, source }
}

function count(
  room: Room,
  place: Place,
  { token, length }: { readonly token: SourceToken; readonly length: number },
): void {
  room.characters += length
  if (room.characters > MAX_BUNDLE) {
    throw failed(place, token, `with all that it takes in there are more than ${MAX_BUNDLE} characters`)
  }
}

function failed(place: Place, token: SourceToken | undefined, message: string): SourceFaultError {
  const fault: SourceFault = { piece: place.piece, ...placeAt(place.source, token?.begin ?? 0), message }
  return new SourceFaultError(fault)
}
