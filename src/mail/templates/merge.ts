//
// Owns: merge tags: subject, html and text with a recipient's data, by Liquid with limits (T12).
// Never: reads files, runs code, or prints a variable that nobody gave: that is a fault which names it.

import { Context, Liquid, type Template, toValueSync } from 'liquidjs'
import { once } from '../../core/once.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { BoundedText } from './bounded-text.ts'
import { ENGINE_OPTIONS, prepare } from './engine.ts'
import { compilePlain, type MergeData, type PlainTemplate, renderPlain } from './plain-template.ts'
import { type TemplateFault, templateFaultOf } from './template-fault.ts'

export interface MergeParts {
  readonly subject: string
  readonly html: string | null
  readonly text: string | null
}

/** Characters that come out of one template: loops over static text are not counted by the engine's own limits. */
export const MAX_OUTPUT = 8_000_000
/** Compiled templates kept: most sends repeat the one before. */
const MAX_CACHED = 256
const MAX_CACHED_CHARACTERS = 4_000_000

/** Both forms are made when they are first needed: a shortcut that hands over does so for each recipient. */
interface Compiled {
  readonly plain: PlainTemplate | null
  liquid: Template[] | null
}

interface Engine {
  readonly liquid: () => Liquid
  readonly escaped: boolean
  readonly cache: Map<string, Compiled>
  cachedCharacters: number
}

/** Compiles and renders; keeps what it compiled, within bounds. One instance per thread is enough. */
export class MergeTemplates {
  readonly #html = engineFor(true)
  readonly #text = engineFor(false)

  /** `bodyData`: for html and text, where they know more than the subject. */
  renderMerge(
    parts: MergeParts,
    data: MergeData,
    bodyData: MergeData = data,
  ): Result<MergeParts, TemplateFault> {
    const subject = render(this.#text, 'subject', parts.subject, data)
    if (!subject.ok) return subject
    const html = parts.html === null ? ok(null) : render(this.#html, 'html', parts.html, bodyData)
    if (!html.ok) return html
    const text = parts.text === null ? ok(null) : render(this.#text, 'text', parts.text, bodyData)
    if (!text.ok) return text
    return ok({ subject: subject.value, html: html.value, text: text.value })
  }
}

function engineFor(escaped: boolean): Engine {
  const options = { ...ENGINE_OPTIONS, templates: {} }
  const liquid = once(() =>
    prepare(new Liquid(escaped ? { ...options, outputEscape: 'escape' } : options), escaped),
  )
  return { liquid, escaped, cache: new Map(), cachedCharacters: 0 }
}

function render(
  engine: Engine,
  part: TemplateFault['part'],
  source: string,
  data: MergeData,
): Result<string, TemplateFault> {
  if (!source.includes('{{') && !source.includes('{%')) return ok(source)
  try {
    const compiled = compiledOf(engine, source)
    const text = compiled.plain === null ? null : renderPlain(compiled.plain, data, engine.escaped)
    if (text !== null) return ok(text)
    compiled.liquid ??= engine.liquid().parse(source)
    return ok(renderLiquid(engine, compiled.liquid, data))
  } catch (error) {
    return fault(templateFaultOf(part, error))
  }
}

function renderLiquid(engine: Engine, template: Template[], data: MergeData): string {
  const liquid = engine.liquid()
  const context = new Context(data, liquid.options, { sync: true }, { liquid })
  const out = new BoundedText(MAX_OUTPUT)
  toValueSync(liquid.renderer.renderTemplates(template, context, out))
  return out.buffer
}

function compiledOf(engine: Engine, source: string): Compiled {
  const { cache } = engine
  const known = cache.get(source)
  if (known !== undefined) return known
  const compiled: Compiled = { plain: compilePlain(source), liquid: null }
  if (source.length > MAX_CACHED_CHARACTERS / 4) return compiled
  cache.set(source, compiled)
  engine.cachedCharacters += source.length
  // A map remembers the order of insertion: the oldest goes first.
  for (const old of cache.keys()) {
    if (cache.size <= MAX_CACHED && engine.cachedCharacters <= MAX_CACHED_CHARACTERS) break
    cache.delete(old)
    engine.cachedCharacters -= old.length
  }
  return compiled
}
