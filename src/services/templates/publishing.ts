//
// Owns: what publishing takes: gathering the layouts and partials of a source, building it, and building anew whatever is
// published and takes it in. A layout that would spoil a published template is not published.

import type { AccountId } from '../../core/ids.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Template, TemplateSource } from '../../core/template.ts'
import { namesIn } from '../../mail/templates/bundle.ts'
import type {
  StoredTemplateBuild,
  StoredTemplateVersion,
  TemplateShelf,
  TemplateStore,
  TemplateWrite,
} from '../../store/template-store.ts'
import type { Made } from './building.ts'
import type { TemplateFault } from './fault.ts'
import { buildDigest } from './source.ts'
import type { Workshop } from './workshop.ts'

/** Layouts in layouts, partials in partials: as deep as bundles go. */
const MAX_ROUNDS = 12
/** Named by one template, and by what it names. */
const MAX_PIECES = 200

interface Parts {
  readonly store: Pick<TemplateStore, 'pieces' | 'uses' | 'version'>
  readonly workshop: Pick<Workshop, 'make'>
}

/** A layout or partial that is about to be published. */
interface Coming {
  readonly name: string
  readonly source: TemplateSource
}

interface MakeOptions {
  readonly coming?: Coming | null
  readonly wantsVariables?: boolean
}

export class Publishing {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async make(
    { accountId, kind, name }: Pick<Template, 'accountId' | 'kind' | 'name'>,
    source: TemplateSource,
    { coming = null, wantsVariables = false }: MakeOptions = {},
  ): Promise<Result<Made, TemplateFault>> {
    const pieces = await this.#piecesOf(accountId, source, coming)
    const made = await this.#parts.workshop.make({
      account: accountId,
      name,
      kind,
      source,
      pieces,
      wantsVariables,
    })
    if (made.ok) return made
    return fault(made.error === 'busy' ? 'busy' : { kind: 'source', fault: made.error })
  }

  /** Names of the published templates that are made of it. */
  async usersOf(
    { templates }: TemplateShelf,
    { accountId, kind, name }: Template,
  ): Promise<readonly string[]> {
    if (kind === 'template') return []
    const uses = await this.#parts.store.uses(accountId)
    const ids = new Set(uses.filter((one) => one.uses.includes(name)).map(({ template }) => template))
    return templates.filter(({ id }) => ids.has(id)).map((one) => one.name)
  }

  /** What is sent from now on: its own build, or those of all that take it in. */
  async builds(
    shelf: TemplateShelf,
    { template, version }: { readonly template: Template; readonly version: StoredTemplateVersion },
    made: Made,
  ): Promise<Result<readonly TemplateWrite[], TemplateFault>> {
    if (template.kind === 'template') return ok([writeOf(template, version.number, made)])
    const coming = { name: template.name, source: version.source }
    const writes: TemplateWrite[] = []
    for (const user of await this.#parts.store.uses(template.accountId)) {
      const head = shelf.templates.find(({ id }) => id === user.template)
      if (!head || !user.uses.includes(template.name)) continue
      const own = await this.#parts.store.version(template.accountId, user.template, user.number)
      if (!own) continue
      const anew = await this.make(head, own.source, { coming })
      if (!anew.ok) return fault(spoiled(head.name, anew.error))
      writes.push(writeOf(head, user.number, anew.value))
    }
    return ok(writes)
  }

  async #piecesOf(
    account: AccountId,
    source: TemplateSource,
    coming: Coming | null,
  ): Promise<ReadonlyMap<string, TemplateSource>> {
    const pieces = new Map<string, TemplateSource>(coming ? [[coming.name, coming.source]] : [])
    const asked = new Set<string>(pieces.keys())
    let wanted = namesIn(source)
    if (coming) wanted = [...wanted, ...namesIn(coming.source)]
    for (let round = 0; round < MAX_ROUNDS && asked.size < MAX_PIECES; round++) {
      const fresh = [...new Set(wanted)].filter((name) => !asked.has(name)).slice(0, MAX_PIECES)
      if (fresh.length === 0) break
      for (const name of fresh) asked.add(name)
      const found = await this.#parts.store.pieces(account, fresh)
      for (const [name, piece] of found) pieces.set(name, piece)
      wanted = [...found.values()].flatMap(namesIn)
    }
    return pieces
  }
}

const spoiled = (name: string, error: TemplateFault): TemplateFault =>
  typeof error === 'object' && error.kind === 'source' ? { kind: 'breaks', name, fault: error.fault } : error

function writeOf({ id }: Template, number: number, { built, uses }: Made): TemplateWrite {
  const build: StoredTemplateBuild = { template: id, number, digest: buildDigest(built), built, uses }
  return { kind: 'build', build }
}
