//
// Owns: templates as callers see them, in the API and on the command line. Keys are snake_case, times ISO 8601.

import type { Template, TemplateVersion } from '../../core/template.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { UsedVariable } from '../../mail/templates/variables.ts'
import type { StoredTemplateVersion } from '../../store/template-store.ts'

export const asPublished = (template: Template, number: number, now: Milliseconds): Template => ({
  ...template,
  published: number,
  updatedAt: now,
})

export const templateView = (template: Template) => ({
  id: template.id,
  name: template.name,
  kind: template.kind,
  newest_version: template.newest,
  published_version: template.published,
  created_at: new Date(template.createdAt).toISOString(),
  updated_at: new Date(template.updatedAt).toISOString(),
})

export const versionView = (version: TemplateVersion, { published }: Template) => ({
  version: version.number,
  published: version.number === published,
  digest: version.digest,
  created_at: new Date(version.createdAt).toISOString(),
})

export const sourceView = ({ source }: StoredTemplateVersion) => ({
  subject: source.subject,
  html: source.html,
  mjml: source.mjml,
  text: source.text,
  inline_css: source.inlineCss,
  sample: source.sample,
})

export const variableView = ({ name, required, places }: UsedVariable, sample: object | null) => ({
  name,
  required,
  in_sample: hasPath(sample, name.split('.')),
  places: places.map(({ piece, part, line, column }) => ({ template: piece, part, line, column })),
})

function hasPath(sample: object | null, path: readonly string[]): boolean {
  let value: unknown = sample
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false
    value = Reflect.get(value, name)
  }
  return true
}
