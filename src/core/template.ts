//
// Owns: the words of templates that are kept: what one is, its versions, what was built of it.

import type { Brand } from './brand.ts'
import type { AccountId } from './ids.ts'
import type { Milliseconds } from './time.ts'

export type TemplateId = Brand<string, 'TemplateId'>

/** A layout is what templates are set into, a partial what they take in. */
export const TEMPLATE_KINDS = ['template', 'layout', 'partial'] as const
export type TemplateKind = (typeof TEMPLATE_KINDS)[number]

/** What its author wrote. */
export interface TemplateSource {
  readonly subject: string | null
  /** Of html and mjml at most one. */
  readonly html: string | null
  readonly mjml: string | null
  readonly text: string | null
  /** Rules of `<style>` are written into the elements that they are for. */
  readonly inlineCss: boolean
  /** Data to look at it with. */
  readonly sample: Readonly<Record<string, unknown>> | null
}

/** What is sent: Liquid in one piece, without a layout, a partial or MJML. */
export interface BuiltTemplate {
  readonly subject: string | null
  readonly html: string | null
  /** Null: made of the html when it is sent. */
  readonly text: string | null
}

export interface Template {
  readonly id: TemplateId
  readonly accountId: AccountId
  /** One in its account, in lower case: templates are sent, layouts and partials are taken in by it. */
  readonly name: string
  readonly kind: TemplateKind
  /** The number of the newest version. */
  readonly newest: number
  /** The number of the version that is sent; null: none is yet. */
  readonly published: number | null
  readonly createdAt: Milliseconds
  readonly updatedAt: Milliseconds
}

export interface TemplateVersion {
  readonly number: number
  /** SHA-256 of the source, in hexadecimal: the same source makes no new version. */
  readonly digest: string
  readonly createdAt: Milliseconds
}

export const parseTemplateId = (text: string): TemplateId | null =>
  /^tpl_[0-9a-z]{12}$/.test(text) ? (text as TemplateId) : null

/** Names stand in paths of URLs and of folders; none looks like an id. */
export const isTemplateName = (text: string): boolean =>
  /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/.test(text) && !text.includes('..') && !text.startsWith('tpl_')

export const NAME_WANTED =
  'want 1 to 64 of a-z, 0-9, ".", "-" and "_", beginning and ending with a letter or digit'
