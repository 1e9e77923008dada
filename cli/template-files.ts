//
// Owns: templates as files that a team keeps in git: a folder for each, in templates/, layouts/ or partials/.
//
//   templates/welcome/template.json   {"subject": "Welcome, {{ name }}"}
//   templates/welcome/content.html    or content.mjml
//   templates/welcome/content.txt     when the text is not to be made of the html
//   templates/welcome/sample.json     data to look at it with
//
// Contents are taken as they are, octet for octet. A JSON file that means the same is left as it is written.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TemplateWords } from '../src/admin/template-rows.ts'
import { fault, ok, type Result } from '../src/core/result.ts'
import { isTemplateName, NAME_WANTED, TEMPLATE_KINDS, type TemplateKind } from '../src/core/template.ts'

export interface TemplateFolder extends TemplateWords {
  readonly name: string
  readonly kind: TemplateKind
}

const FOLDERS = { template: 'templates', layout: 'layouts', partial: 'partials' } as const
const HEAD = 'template.json'
const SAMPLE = 'sample.json'
const CONTENTS = { html: 'content.html', mjml: 'content.mjml', text: 'content.txt' } as const
const KNOWN: ReadonlySet<string> = new Set([HEAD, SAMPLE, ...Object.values(CONTENTS)])

const folderOf = (root: string, { kind, name }: Pick<TemplateFolder, 'kind' | 'name'>): string =>
  join(root, FOLDERS[kind], name)

/** Partials and layouts first, as templates are made of them. */
export function readFolders(root: string): Result<readonly TemplateFolder[], string> {
  const found: TemplateFolder[] = []
  const places = TEMPLATE_KINDS.map((kind) => ({ kind, folder: join(root, FOLDERS[kind]) }))
  if (!places.some(({ folder }) => existsSync(folder))) {
    return fault(`${root} has no folder templates, layouts or partials`)
  }
  for (const { folder, kind } of places.reverse()) {
    if (!existsSync(folder)) continue
    for (const name of readdirSync(folder).sort()) {
      if (name.startsWith('.') || !statSync(join(folder, name)).isDirectory()) continue
      const read = readTemplate(join(folder, name), { kind, name })
      if (!read.ok) return read
      const twin = found.find((one) => one.name === name)
      if (twin) return fault(`${name} is a ${twin.kind} and a ${kind}: names are one for all of them`)
      found.push(read.value)
    }
  }
  return ok(found)
}

function readTemplate(
  folder: string,
  { kind, name }: Pick<TemplateFolder, 'kind' | 'name'>,
): Result<TemplateFolder, string> {
  if (!isTemplateName(name)) return fault(`${folder} cannot be the name of a template; ${NAME_WANTED}`)
  const strange = readdirSync(folder).find((file) => !file.startsWith('.') && !KNOWN.has(file))
  if (strange)
    return fault(`${join(folder, strange)} is no file of a template; want ${[...KNOWN].join(', ')}`)
  const head = readJson(join(folder, HEAD))
  if (!head.ok) return head
  const sample = readJson(join(folder, SAMPLE))
  if (!sample.ok) return sample
  const { inline_css = true, subject = null, ...more } = head.value ?? {}
  const [unknown] = Object.keys(more)
  if (unknown !== undefined) {
    return fault(`${join(folder, HEAD)}: ${unknown} is not known; want subject and inline_css`)
  }
  if (typeof inline_css !== 'boolean' || (subject !== null && typeof subject !== 'string')) {
    return fault(`${join(folder, HEAD)}: want a text as subject, true or false as inline_css`)
  }
  const contents = { html: null, mjml: null, text: null } as Record<keyof typeof CONTENTS, string | null>
  for (const [part, file] of Object.entries(CONTENTS)) {
    const text = textOf(join(folder, file))
    if (!text.ok) return text
    contents[part as keyof typeof CONTENTS] = text.value
  }
  return ok({ name, kind, subject, inline_css, sample: sample.value, ...contents })
}

/** Null: there is no such file. An empty one is as none. */
function textOf(file: string): Result<string | null, string> {
  if (!existsSync(file)) return ok(null)
  try {
    return ok(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file)) || null)
  } catch {
    return fault(`${file} is not UTF-8`)
  }
}

function readJson(file: string): Result<Readonly<Record<string, unknown>> | null, string> {
  const text = textOf(file)
  if (!text.ok || text.value === null) return text.ok ? ok(null) : text
  try {
    const value: unknown = JSON.parse(text.value)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return ok(value as Readonly<Record<string, unknown>>)
    }
    return fault(`${file} is no JSON object`)
  } catch (error) {
    return fault(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** The names of files that changed. What the template has no more is removed. */
export function writeTemplate(root: string, template: TemplateFolder): readonly string[] {
  const folder = folderOf(root, template)
  mkdirSync(folder, { recursive: true })
  const head = {
    ...(template.subject === null ? {} : { subject: template.subject }),
    ...(template.inline_css ? {} : { inline_css: false }),
  }
  const changed: string[] = []
  const hasHead = Object.keys(head).length > 0
  writeJson(join(folder, HEAD), hasHead ? head : null, changed)
  writeJson(join(folder, SAMPLE), template.sample, changed)
  for (const [part, file] of Object.entries(CONTENTS)) {
    writeText(join(folder, file), template[part as keyof typeof CONTENTS], changed)
  }
  return changed
}

function writeJson(file: string, value: object | null, changed: string[]): void {
  const known = readJson(file)
  if (value !== null && known.ok && known.value !== null && Bun.deepEquals(known.value, value)) return
  writeText(file, value === null ? null : `${JSON.stringify(value, null, 2)}\n`, changed)
}

function writeText(file: string, text: string | null, changed: string[]): void {
  if (text === null) {
    if (!existsSync(file)) return
    rmSync(file)
  } else {
    if (existsSync(file) && readFileSync(file, 'utf8') === text) return
    writeFileSync(file, text)
  }
  changed.push(file)
}
