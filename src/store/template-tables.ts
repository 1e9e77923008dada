//
// Owns: the columns of the tables of templates.

import type { Int, IntOrNull } from './columns.ts'

export interface TemplateTable {
  id: string
  account_id: string
  /** One in its account. */
  name: string
  /** `template`, `layout` or `partial`. */
  kind: string
  newest: Int
  published: IntOrNull
  created_at: Int
  updated_at: Int
}

export interface TemplateVersionTable {
  template_id: string
  number: Int
  account_id: string
  /** JSON of TemplateSource. */
  source: string
  /** SHA-256 of the source, in hexadecimal. */
  digest: string
  created_at: Int
}

/** What the published version is sent as; layouts and partials have none. */
export interface TemplateBuildTable {
  template_id: string
  account_id: string
  number: Int
  /** SHA-256 of `built`, in hexadecimal: by it nodes remember what they have read. */
  digest: string
  /** JSON of BuiltTemplate. */
  built: string
  /** JSON array of the names of layouts and partials in it. */
  uses: string
}

/** The number of an account's last change: who computed on an older state begins again. */
export interface TemplateChangeTable {
  account_id: string
  number: Int
}
