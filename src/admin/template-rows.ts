//
// Owns: templates as the operator sees them: plain data in, plain data out.

import type { Result } from '../core/result.ts'
import type { TemplateKind } from '../core/template.ts'

type AdminAnswer<T> = Promise<Result<T, { readonly code: string; readonly message: string }>>

export interface TemplateActions {
  templateList(ask: { readonly account: string }): AdminAnswer<readonly TemplateRow[]>
  /** `version` null: the newest. */
  templateShow(ask: TemplateAsk & { readonly version: number | null }): AdminAnswer<TemplateSourceRow>
  /** Makes it, or a new version of it; the same source changes nothing. */
  templatePut(ask: TemplatePutAsk): AdminAnswer<TemplatePut>
  /** `version` null: the newest. */
  templatePublish(ask: TemplateAsk & { readonly version: number | null }): AdminAnswer<TemplateRow>
  templateRemove(ask: TemplateAsk): AdminAnswer<{ readonly name: string }>
  /** As a recipient would get it; `data` null: the sample. */
  templateRender(
    ask: TemplateAsk & {
      readonly version: number | null
      readonly data: Readonly<Record<string, unknown>> | null
    },
  ): AdminAnswer<TemplateRendered>
}

export const TEMPLATE_ACTIONS = {
  templateList: 0,
  templateShow: 0,
  templatePut: 0,
  templatePublish: 0,
  templateRemove: 0,
  templateRender: 0,
} satisfies Record<keyof TemplateActions, 0>

export interface TemplateAsk {
  readonly account: string
  /** Or its id. */
  readonly name: string
}

export interface TemplateRow {
  readonly id: string
  readonly name: string
  readonly kind: TemplateKind
  readonly newest_version: number
  readonly published_version: number | null
  readonly updated_at: string
}

/** What an author wrote. */
export interface TemplateWords {
  readonly subject: string | null
  readonly html: string | null
  readonly mjml: string | null
  readonly text: string | null
  readonly inline_css: boolean
  readonly sample: Readonly<Record<string, unknown>> | null
}

export interface TemplateSourceRow extends TemplateRow, TemplateWords {
  readonly version: number
}

export interface TemplatePutAsk extends TemplateAsk, TemplateWords {
  readonly kind: TemplateKind
  readonly publish: boolean
}

export interface TemplatePut extends TemplateRow {
  readonly outcome: 'added' | 'changed' | 'published' | 'unchanged'
  /** What MJML found. */
  readonly remarks: readonly string[]
}

export interface TemplateRendered {
  readonly version: number
  readonly subject: string
  readonly html: string | null
  readonly text: string | null
  readonly warnings: readonly { readonly code: string; readonly message: string }[]
}
