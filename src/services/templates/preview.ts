//
// Owns: a template as one recipient would get it, with what a person should know of it; and which variables it reads.

import { fault, ok, type Result } from '../../core/result.ts'
import type { Template } from '../../core/template.ts'
import type { MergeTemplates } from '../../mail/templates/merge.ts'
import type { MergeData } from '../../mail/templates/plain-template.ts'
import type { TemplateFault as MergeFault } from '../../mail/templates/template-fault.ts'
import { textAlternative } from '../../mail/templates/text-alternative.ts'
import type { UsedVariable } from '../../mail/templates/variables.ts'
import { type Warning, warningsOf } from '../../mail/templates/warnings.ts'
import type { StoredTemplateVersion, TemplateStore } from '../../store/template-store.ts'
import type { TemplateFault } from './fault.ts'
import { Publishing } from './publishing.ts'
import type { Workshop } from './workshop.ts'

export interface Preview {
  readonly subject: string
  readonly html: string | null
  readonly text: string | null
  readonly warnings: readonly Warning[]
}

export type PreviewFault = TemplateFault | { readonly kind: 'merge'; readonly fault: MergeFault }

interface PreviewParts {
  readonly store: Pick<TemplateStore, 'pieces' | 'uses' | 'version'>
  readonly workshop: Pick<Workshop, 'make'>
  readonly templates: MergeTemplates
}

/** What a send of the marketing stream gives by itself. */
const WAY_OUT = { unsubscribe_url: 'https://example.com/unsubscribe' }

export class Previews {
  readonly #parts: PreviewParts
  readonly #publishing: Publishing

  constructor(parts: PreviewParts) {
    this.#parts = parts
    this.#publishing = new Publishing(parts)
  }

  /** `data` null: the sample. A layout or partial is shown by itself. */
  async show(
    template: Template,
    { source }: StoredTemplateVersion,
    data: MergeData | null,
  ): Promise<Result<Preview, PreviewFault>> {
    const made = await this.#publishing.make({ ...template, kind: 'template' }, source)
    if (!made.ok) return made
    const { built, remarks } = made.value
    const values = { ...WAY_OUT, ...(data ?? source.sample ?? {}) }
    const parts = { ...built, subject: built.subject ?? '' }
    const merged = this.#parts.templates.renderMerge(parts, values)
    if (!merged.ok) return fault({ kind: 'merge', fault: merged.error })
    const { html, subject, text } = merged.value
    const hasSubject = built.subject !== null
    return ok({
      subject,
      html,
      text: text ?? (html === null ? null : textAlternative(html)),
      warnings: [
        ...warningsOf(merged.value, { hasSubject }),
        ...remarks.map((message) => ({ code: 'mjml', message }) as const),
      ],
    })
  }

  async variables(
    template: Template,
    { source }: StoredTemplateVersion,
  ): Promise<Result<readonly UsedVariable[], TemplateFault>> {
    const made = await this.#publishing.make(template, source, { wantsVariables: true })
    return made.ok ? ok(made.value.variables) : made
  }
}
