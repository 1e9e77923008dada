//
// Owns: making, changing, publishing and taking away templates. What is kept can be built; what is published is built,
// and built anew when a layout or partial of it is.
// Never: rendering (published.ts, preview.ts) or what MJML and Liquid mean (mail/templates, in the workshop).

import type { AccountId, Ids } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import {
  isTemplateName,
  type Template,
  type TemplateId,
  type TemplateKind,
  type TemplateSource,
} from '../../core/template.ts'
import type {
  StoredTemplateVersion,
  TemplateShelf,
  TemplateStore,
  TemplateWrite,
} from '../../store/template-store.ts'
import type { Made } from './building.ts'
import type { TemplateFault } from './fault.ts'
import { Publishing } from './publishing.ts'
import { EMPTY_SOURCE, type SourceDraft, sourceDigest, sourceFaults, sourceWith } from './source.ts'
import { asPublished } from './view.ts'
import type { Workshop } from './workshop.ts'

/** Of an account, layouts and partials counted. */
export const MAX_TEMPLATES = 1000
/** Kept of a template, beside the published one; older ones are forgotten. */
export const MAX_VERSIONS = 100
/** Changes at the same time in one account that a change gives way to. */
const MAX_TURNS = 5

export interface TemplateParts {
  readonly store: TemplateStore
  readonly workshop: Pick<Workshop, 'make'>
  readonly clock: Clock
  readonly ids: Pick<Ids, 'template'>
}

export interface NewTemplate extends SourceDraft {
  readonly name: string
  readonly kind: TemplateKind
  readonly publish: boolean
}

export interface TemplateChange extends SourceDraft {
  readonly name?: string | undefined
  readonly publish: boolean
}

export interface Changed {
  readonly template: Template
  /** The version that was written or published; null: none of its own. */
  readonly version: StoredTemplateVersion
  /** What building it found. */
  readonly remarks: readonly string[]
}

export class Templates {
  readonly #parts: TemplateParts
  readonly #publishing: Publishing

  constructor(parts: TemplateParts) {
    this.#parts = parts
    this.#publishing = new Publishing(parts)
  }

  add(account: AccountId, draft: NewTemplate): Promise<Result<Changed, TemplateFault>> {
    return this.#inTurn(account, (shelf) => this.#add(account, draft, shelf))
  }

  change(
    account: AccountId,
    id: TemplateId,
    change: TemplateChange,
  ): Promise<Result<Changed, TemplateFault>> {
    return this.#inTurn(account, (shelf) => this.#change(shelf, id, change))
  }

  /** `number` null: the newest version. */
  publish(
    account: AccountId,
    id: TemplateId,
    number: number | null,
  ): Promise<Result<Changed, TemplateFault>> {
    return this.#inTurn(account, async (shelf) => {
      const template = shelf.templates.find((one) => one.id === id)
      if (!template) return fault('unknown')
      const version = await this.#parts.store.version(account, id, number ?? template.newest)
      if (!version) return fault('no-such-version')
      const made = await this.#publishing.make(template, version.source)
      if (!made.ok) return made
      return this.#published(shelf, { template, version }, made.value)
    })
  }

  remove(account: AccountId, id: TemplateId): Promise<Result<Template, TemplateFault>> {
    return this.#inTurn(account, async (shelf) => {
      const template = shelf.templates.find((one) => one.id === id)
      if (!template) return fault('unknown')
      const by = await this.#publishing.usersOf(shelf, template)
      if (by.length > 0) return fault({ kind: 'in-use', by })
      return ok({ value: template, writes: [{ kind: 'remove', template: id }] })
    })
  }

  async #add(account: AccountId, draft: NewTemplate, shelf: TemplateShelf): Promise<Plan<Changed>> {
    const named = nameFault(draft.name, null, shelf)
    if (named) return fault(named)
    if (shelf.templates.length >= MAX_TEMPLATES) return fault('too-many')
    const source = sourceWith(EMPTY_SOURCE, draft)
    const now = this.#parts.clock.now()
    const template: Template = {
      id: this.#parts.ids.template() as TemplateId,
      accountId: account,
      name: draft.name,
      kind: draft.kind,
      newest: 1,
      published: null,
      createdAt: now,
      updatedAt: now,
    }
    const made = await this.#made(template, source)
    if (!made.ok) return made
    const version = { number: 1, source, digest: sourceDigest(source), createdAt: now }
    const writes: TemplateWrite[] = [
      { kind: 'add', template },
      { kind: 'version', template: template.id, version },
    ]
    const { remarks } = made.value
    if (!draft.publish) return ok({ value: { template, version, remarks }, writes })
    const published = await this.#published(shelf, { template, version }, made.value)
    return published.ok
      ? ok({ ...published.value, writes: [...writes, ...published.value.writes] })
      : published
  }

  async #change(shelf: TemplateShelf, id: TemplateId, change: TemplateChange): Promise<Plan<Changed>> {
    const before = shelf.templates.find((one) => one.id === id)
    const newest = before ? await this.#parts.store.version(before.accountId, id, before.newest) : null
    if (!before || !newest) return fault('unknown')
    const name = change.name ?? before.name
    const named = nameFault(name, before, shelf)
    if (named) return fault(named)
    if (name !== before.name) {
      const by = await this.#publishing.usersOf(shelf, before)
      if (by.length > 0) return fault({ kind: 'in-use', by })
    }
    const source = sourceWith(newest.source, change)
    const made = await this.#made({ ...before, name }, source)
    if (!made.ok) return made
    const now = this.#parts.clock.now()
    const digest = sourceDigest(source)
    const isNew = digest !== newest.digest
    const number = isNew ? before.newest + 1 : before.newest
    const version = isNew ? { number, source, digest, createdAt: now } : newest
    const hasMoved = isNew || name !== before.name
    const template = { ...before, name, newest: number, updatedAt: hasMoved ? now : before.updatedAt }
    const writes: TemplateWrite[] = []
    if (isNew) {
      writes.push({ kind: 'version', template: id, version })
      writes.push({
        kind: 'forget',
        template: id,
        below: number - MAX_VERSIONS + 1,
        keep: before.published ?? 0,
      })
    }
    if (change.publish && before.published !== number) {
      const published = await this.#published(shelf, { template, version }, made.value)
      return published.ok
        ? ok({ ...published.value, writes: [...writes, ...published.value.writes] })
        : published
    }
    if (hasMoved) writes.push({ kind: 'head', template })
    return ok({ value: { template, version, remarks: made.value.remarks }, writes })
  }

  async #made(template: Template, source: TemplateSource): Promise<Result<Made, TemplateFault>> {
    const faults = sourceFaults(source)
    if (faults.length > 0) return fault({ kind: 'draft', faults })
    return this.#publishing.make(template, source)
  }

  async #published(
    shelf: TemplateShelf,
    { template, version }: { readonly template: Template; readonly version: StoredTemplateVersion },
    made: Made,
  ): Promise<Plan<Changed>> {
    const head = asPublished(template, version.number, this.#parts.clock.now())
    const builds = await this.#publishing.builds(shelf, { template: head, version }, made)
    if (!builds.ok) return builds
    const value = { template: head, version, remarks: made.remarks }
    return ok({ value, writes: [{ kind: 'head', template: head }, ...builds.value] })
  }

  /** Computed anew when another change came between. */
  async #inTurn<T>(
    account: AccountId,
    planned: (shelf: TemplateShelf) => Promise<Plan<T>>,
  ): Promise<Result<T, TemplateFault>> {
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      const shelf = await this.#parts.store.shelf(account)
      const plan = await planned(shelf)
      if (!plan.ok) return plan
      const { value, writes } = plan.value
      if (writes.length === 0) return ok(value)
      const done = await this.#parts.store.change(account, shelf.last, writes)
      if (done.ok) return ok(value)
      if (done.error !== 'outdated') return fault(done.error)
    }
    return fault('busy')
  }
}

type Plan<T> = Result<{ readonly value: T; readonly writes: readonly TemplateWrite[] }, TemplateFault>

function nameFault(
  name: string,
  self: Template | null,
  { templates }: TemplateShelf,
): 'bad-name' | 'name-taken' | null {
  if (!isTemplateName(name)) return 'bad-name'
  return templates.some((one) => one.name === name && one.id !== self?.id) ? 'name-taken' : null
}
