//
// Owns: from what an author wrote to what is sent: layouts and partials written in, MJML made HTML, CSS written into its
// elements, and proof that the whole can be read as Liquid. Done when a template is saved, never when it is sent.
// Slow for what was made to be slow: belongs into a thread with a deadline.

import { Liquid, LiquidError } from 'liquidjs'
import { once } from '../../core/once.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { BuiltTemplate, TemplateSource } from '../../core/template.ts'
import { type Bundle, type BundlePart, bundleOf, type Pieces } from './bundle.ts'
import { ENGINE_OPTIONS, prepare } from './engine.ts'
import { type Shielded, shielded } from './shield.ts'
import { type SourceFault, SourceFaultError } from './source-fault.ts'
import { templateFaultOf } from './template-fault.ts'

export interface Build {
  readonly built: BuiltTemplate
  /** Layouts and partials of which it is made, by name. */
  readonly uses: readonly string[]
  /** What MJML found, in its words. */
  readonly remarks: readonly string[]
}

export interface BuildFault extends SourceFault {
  readonly part: 'subject' | 'html' | 'mjml' | 'text'
}

interface Ask {
  readonly name: string
  readonly source: TemplateSource
  readonly pieces: Pieces
}

export async function buildTemplate(ask: Ask): Promise<Result<Build, BuildFault>> {
  const { source } = ask
  // Neither the tags of a built page nor those of one that is to be built.
  for (const by of [checker(), engine()]) {
    const subject = proven('subject', source.subject, by)
    if (!subject.ok) return subject
  }
  const text = source.text === null ? ok(null) : bundled(ask, 'text')
  if (!text.ok) return text
  const html = partOf(source) === null ? ok(null) : await builtHtml(ask)
  if (!html.ok) return html
  const uses = new Set([...(text.value?.uses ?? []), ...(html.value?.uses ?? [])])
  const built = {
    subject: source.subject,
    html: html.value?.html ?? null,
    text: text.value?.text ?? null,
  }
  return ok({ built, uses: [...uses].sort(), remarks: html.value?.remarks ?? [] })
}

/** A layout or a partial: what it needs is there, and it can be read; MJML and CSS are worked on with the whole page. */
export function provePiece(ask: Ask): Result<Build, BuildFault> {
  const uses = new Set<string>()
  for (const part of ['html', 'text'] as const) {
    if ((part === 'text' ? ask.source.text : partOf(ask.source)) === null) continue
    const bundle = bundled(ask, part)
    if (!bundle.ok) return bundle
    for (const name of bundle.value.uses) uses.add(name)
  }
  return ok({ built: { subject: null, html: null, text: null }, uses: [...uses].sort(), remarks: [] })
}

const partOf = (source: TemplateSource): string | null => source.mjml ?? source.html

function bundled({ name, source, pieces }: Ask, part: BundlePart): Result<Bundle, BuildFault> {
  const said = part === 'html' && source.mjml !== null ? 'mjml' : part
  const own = proven(said, part === 'text' ? source.text : partOf(source), checker())
  if (!own.ok) return own
  try {
    const bundle = bundleOf(name, source, { part, pieces })
    const whole = proven(said, bundle.text)
    return whole.ok ? ok(bundle) : whole
  } catch (error) {
    return fault(faultOf(said, error))
  }
}

async function builtHtml(
  ask: Ask,
): Promise<Result<Pick<Build, 'uses' | 'remarks'> & { readonly html: string }, BuildFault>> {
  const bundle = bundled(ask, 'html')
  if (!bundle.ok) return bundle
  const part = ask.source.mjml === null ? 'html' : 'mjml'
  try {
    const { text, mjml, uses } = bundle.value
    const made = mjml ? await fromMjml(text) : { html: await inlined(text, ask.source), remarks: [] }
    const whole = proven(part, made.html)
    return whole.ok ? ok({ ...made, uses: [...uses] }) : whole
  } catch (error) {
    return fault(faultOf(part, error))
  }
}

async function fromMjml(
  text: string,
): Promise<{ readonly html: string; readonly remarks: readonly string[] }> {
  if (/<mj-include\b/i.test(text)) {
    throw new SourceFaultError(whole('mj-include reads files; take in a partial by {% render "name" %}'))
  }
  const shield = shielded(text, true)
  // Loaded here: it takes as much memory as all the rest of a node, and most nodes never need it.
  const { default: mjml2html } = await import('mjml')
  const { html, errors } = await mjml2html(shield.text, {
    validationLevel: 'soft',
    ignoreIncludes: true,
    keepComments: false,
    minify: false,
    beautify: false,
    // What is not said is not loaded: its defaults would fetch fonts from elsewhere into every mail.
    fonts: {},
  })
  if (html === '') throw new SourceFaultError(whole('is no MJML'))
  return { html: shield.restore(withoutIndents(html)), remarks: remarksOf(errors, shield) }
}

/** What MJML indents by is none of the reader's business, and counts where mail is clipped. */
const withoutIndents = (html: string): string =>
  /<pre[\s>]|white-space/i.test(html) ? html : html.replace(/[ \t]*\n\s*/g, '\n').trim()

interface MjmlRemark {
  readonly line: number
  readonly message: string
  readonly tagName: string
}

/** A value that only the data has cannot be judged yet. */
const remarksOf = (errors: readonly MjmlRemark[], shield: Shielded): readonly string[] =>
  errors
    .filter(({ message }) => !shield.concerns(message))
    .slice(0, MAX_REMARKS)
    .map(({ line, message, tagName }) => `line ${line}, ${tagName}: ${message.trim()}`)

const MAX_REMARKS = 20

async function inlined(text: string, source: TemplateSource): Promise<string> {
  if (!source.inlineCss || !/<style[\s>]/i.test(text)) return text
  const shield = shielded(text, false)
  const { default: juice } = await import('juice')
  const worked = juice(shield.text, {
    preserveImportant: true,
    inlinePseudoElements: false,
    applyWidthAttributes: false,
  })
  return shield.restore(withImports(worked, shield.text))
}

/** Juice drops what a style sheet imports; it stands in one of its own then, where it has to come first. */
function withImports(html: string, before: string): string {
  const sheets = [...before.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/gi)].map(([, css = '']) => css)
  const imports = sheets.flatMap(
    (css) => css.match(/@import\s+(?:url\([^)]*\)|"[^"]*"|'[^']*')[^;]*;/gi) ?? [],
  )
  if (imports.length === 0) return html
  const sheet = `<style>${imports.join('\n')}</style>`
  return /<\/head>/i.test(html) ? html.replace(/<\/head>/i, () => `${sheet}</head>`) : sheet + html
}

/** A page on its own may say where its blocks and partials stand. */
const checker = once(() => new Liquid({ ...ENGINE_OPTIONS, templates: {} }))
const engine = once(() => prepare(new Liquid({ ...ENGINE_OPTIONS, templates: {} }), true))

function proven(
  part: BuildFault['part'],
  text: string | null,
  by: Liquid = engine(),
): Result<void, BuildFault> {
  if (text === null) return ok(undefined)
  try {
    by.parse(text)
    return ok(undefined)
  } catch (error) {
    return fault(faultOf(part, error))
  }
}

const whole = (message: string): SourceFault => ({ piece: '', line: 0, column: 0, message })

function faultOf(part: BuildFault['part'], error: unknown): BuildFault {
  if (error instanceof SourceFaultError) return { ...error.fault, part }
  if (LiquidError.is(error)) {
    const { line, column, message } = templateFaultOf('html', error)
    return { piece: '', part, line, column, message: inWords(message) }
  }
  const said = error instanceof Error ? error.message : String(error)
  return { ...whole(inWords(said.split('\n')[0]?.slice(0, 300) ?? '')), part }
}

/** The runtime's words for what is nested deeper than it can follow. */
const inWords = (message: string): string =>
  /call stack/i.test(message) ? 'is nested too deeply' : message.replace(/\.+$/, '')
