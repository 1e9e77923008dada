//
// Owns: which variables a template reads, where, and which of them have to be given: found in the source, so that places
// are those that its author knows.

import { Liquid, type Variable } from 'liquidjs'
import { once } from '../../core/once.ts'
import type { TemplateSource } from '../../core/template.ts'
import type { Pieces } from './bundle.ts'
import { ENGINE_OPTIONS } from './engine.ts'
import { type SourceToken, sourceTokens } from './source-tokens.ts'

export interface VariablePlace {
  /** The template, layout or partial. */
  readonly piece: string
  readonly part: 'subject' | 'html' | 'mjml' | 'text'
  readonly line: number
  readonly column: number
}

export interface UsedVariable {
  /** `name`, or `order.total`. */
  readonly name: string
  /** Without it a send is refused: somewhere it is printed, looped over or worked on without `default` and outside of an `if` that asks for it. */
  readonly required: boolean
  readonly places: readonly VariablePlace[]
}

/** Places that are told of one variable. */
const MAX_PLACES = 50
const MAX_VARIABLES = 500

/** What a tag asks of a variable may be missing; so may what stands before `default`. */
const LENIENT: ReadonlySet<string> = new Set(['if', 'unless', 'elsif'])

const analyzer = once(() => new Liquid({ ...ENGINE_OPTIONS, templates: {} }))

interface Written extends Pick<VariablePlace, 'piece' | 'part'> {
  readonly text: string
}

/** `uses`: the layouts and partials of the template. Its sources are known to be readable. */
export function variablesOf(
  name: string,
  source: TemplateSource,
  { pieces, uses }: { readonly pieces: Pieces; readonly uses: readonly string[] },
): readonly UsedVariable[] {
  const inside = uses.flatMap((piece) => partsOf(piece, pieces.get(piece)))
  const all = [...partsOf(name, source), ...inside.filter(({ part }) => part !== 'subject')]
  const given = givenIn(all)
  const found = new Map<string, { required: boolean; places: VariablePlace[] }>()
  for (const { piece, part, text } of all) {
    for (const { line, column, ...use } of usesIn(text)) {
      if (given.has(use.root)) continue
      const known = found.get(use.name) ?? { required: false, places: [] }
      if (found.size < MAX_VARIABLES) found.set(use.name, known)
      known.required ||= use.required
      if (known.places.length < MAX_PLACES) known.places.push({ piece, part, line, column })
    }
  }
  return [...found].map(([used, { required, places }]) => ({ name: used, required, places })).sort(byName)
}

function partsOf(piece: string, source: TemplateSource | undefined): readonly Written[] {
  if (source === undefined) return []
  return (['subject', 'html', 'mjml', 'text'] as const).flatMap((part) => {
    const text = source[part]
    return text === null ? [] : [{ piece, part, text }]
  })
}

const byName = (a: UsedVariable, b: UsedVariable): number => (a.name < b.name ? -1 : 1)

interface Use {
  readonly name: string
  readonly root: string
  readonly required: boolean
  readonly line: number
  readonly column: number
}

function usesIn(source: string): readonly Use[] {
  if (!source.includes('{')) return []
  const liquid = analyzer()
  const { globals } = liquid.analyzeSync(liquid.parse(source), { partials: false })
  const spots = spotsOf(source)
  const starts = lineStarts(source)
  return Object.values(globals).flatMap((variables) =>
    variables.flatMap((variable) => useOf(variable, spots, starts)),
  )
}

function useOf(variable: Variable, spots: readonly Spot[], starts: readonly number[]): readonly Use[] {
  const path = pathOf(variable)
  if (path.length === 0 || path[0] === 'block') return []
  const { row, col } = variable.location
  const offset = (starts[row - 1] ?? 0) + col - 1
  const spot = spots.findLast(({ begin }) => begin <= offset)
  const [root = ''] = path
  const required = !(spot && (spot.lenient || spot.asked.has(root)))
  return [{ name: path.join('.'), root, required, line: row, column: col }]
}

/** Up to the first index: `items[0].name` is about `items`. */
function pathOf(variable: Variable): string[] {
  const path: string[] = []
  for (const segment of variable.segments) {
    if (typeof segment !== 'string' || !/^[\w-]+$/.test(segment)) break
    if (segment === 'size' || segment === 'first' || segment === 'last') break
    path.push(segment)
  }
  return path
}

interface Spot {
  readonly begin: number
  readonly lenient: boolean
  /** Names that an `if` around it asks for. */
  readonly asked: ReadonlySet<string>
}

/** Tags and outputs in their order. */
function spotsOf(source: string): readonly Spot[] {
  const spots: Spot[] = []
  const conditions: ReadonlySet<string>[] = []
  for (const token of sourceTokens(source)) {
    if (token.kind === 'text') continue
    if (/^end(?:if|unless)$/.test(token.name)) conditions.pop()
    const asked = new Set(conditions.flatMap((names) => [...names]))
    spots.push({ begin: token.begin, lenient: isLenient(token), asked })
    if (token.name === 'if') conditions.push(new Set(token.args.match(/[A-Za-z_][\w-]*/g)))
    if (token.name === 'unless') conditions.push(new Set())
  }
  return spots
}

const isLenient = ({ name, args }: SourceToken): boolean => LENIENT.has(name) || /\|\s*default\s*:/.test(args)

function lineStarts(source: string): readonly number[] {
  const starts = [0]
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** What templates hand to their layouts and partials is theirs, not the sender's. */
function givenIn(all: readonly Written[]): ReadonlySet<string> {
  const given = new Set<string>()
  for (const { name, args } of all.flatMap(({ text }) => sourceTokens(text))) {
    if (name !== 'render' && name !== 'include' && name !== 'layout') continue
    for (const [, key = ''] of args.matchAll(/([A-Za-z_][\w-]*)\s*:/g)) given.add(key)
    for (const [, alias = ''] of args.matchAll(/\bas\s+([A-Za-z_][\w-]*)/g)) given.add(alias)
    if (/\b(?:with|for)\b/.test(args)) given.add(/^['"]([^'"]+)/.exec(args)?.[1] ?? '')
    if (/\bfor\b/.test(args)) given.add('forloop')
  }
  return given
}
