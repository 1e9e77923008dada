//
// Owns: what the store promises of templates. A change is computed on a state that was read, and refused when another
// change came between: names, numbers and what depends on what stay right on several nodes without a lock.

import type { AccountId } from '../core/ids.ts'
import type { Result } from '../core/result.ts'
import type {
  BuiltTemplate,
  Template,
  TemplateId,
  TemplateKind,
  TemplateSource,
  TemplateVersion,
} from '../core/template.ts'
import type { StoreFault } from './store-fault.ts'

export interface TemplateStore {
  /** The newest first. */
  list(ask: TemplateListAsk): Promise<readonly Template[]>
  /** By its id or by its name. */
  find(account: AccountId, named: TemplateId | string): Promise<Template | null>
  /** All of an account, and the number of its last change. */
  shelf(account: AccountId): Promise<TemplateShelf>
  version(account: AccountId, template: TemplateId, number: number): Promise<StoredTemplateVersion | null>
  /** The newest first. */
  versions(ask: TemplateVersionsAsk): Promise<readonly TemplateVersion[]>
  /** The published layouts and partials of these names. */
  pieces(account: AccountId, names: readonly string[]): Promise<ReadonlyMap<string, TemplateSource>>
  /** Which build is sent now; null: there is no such template, or none of it is published. */
  published(account: AccountId, named: TemplateId | string): Promise<PublishedMark | null>
  build(account: AccountId, template: TemplateId): Promise<StoredTemplateBuild | null>
  /** Of what each published template is made. */
  uses(account: AccountId): Promise<readonly TemplateUses[]>
  /** All of them in one commit. `outdated`: something else changed since `last`; nothing was written. */
  change(
    account: AccountId,
    last: number,
    writes: readonly TemplateWrite[],
  ): Promise<Result<void, StoreFault | 'outdated'>>
}

export interface TemplateListAsk {
  readonly account: AccountId
  readonly kind: TemplateKind | null
  readonly limit: number
  /** Older than this one. */
  readonly after: TemplateId | null
  /** Newer than this one: the page that ends before it. */
  readonly before: TemplateId | null
}

export interface TemplateShelf {
  readonly last: number
  readonly templates: readonly Template[]
}

export interface StoredTemplateVersion extends TemplateVersion {
  readonly source: TemplateSource
}

export interface TemplateVersionsAsk {
  readonly account: AccountId
  readonly template: TemplateId
  readonly limit: number
  /** Older than this number. */
  readonly after: number | null
  /** The next newer ones; not with `after`. */
  readonly before: number | null
}

export interface PublishedMark {
  readonly id: TemplateId
  readonly name: string
  readonly number: number
  /** Of the build. */
  readonly digest: string
}

export interface StoredTemplateBuild {
  readonly template: TemplateId
  readonly number: number
  readonly digest: string
  readonly built: BuiltTemplate
  readonly uses: readonly string[]
}

export type TemplateUses = Pick<StoredTemplateBuild, 'template' | 'number' | 'uses'>

export type TemplateWrite =
  | { readonly kind: 'add'; readonly template: Template }
  | { readonly kind: 'version'; readonly template: TemplateId; readonly version: StoredTemplateVersion }
  /** Its name and which versions are the newest and the published one. */
  | { readonly kind: 'head'; readonly template: Template }
  | { readonly kind: 'build'; readonly build: StoredTemplateBuild }
  /** Versions below this number are forgotten, but for `keep`. */
  | { readonly kind: 'forget'; readonly template: TemplateId; readonly below: number; readonly keep: number }
  | { readonly kind: 'remove'; readonly template: TemplateId }
