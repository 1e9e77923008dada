//
// Owns: what a send is made of: the published build of a template, read once and remembered by its digest, so that a
// template that was published a moment ago, on whatever node, is what the next send uses.

import type { AccountId } from '../../core/ids.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { BuiltTemplate, TemplateId } from '../../core/template.ts'
import type { TemplateStore } from '../../store/template-store.ts'

export interface PublishedTemplate extends BuiltTemplate {
  readonly name: string
  readonly number: number
}

/** `unpublished`: it is there, but nothing of it is to be sent. */
export type PublishedFault = 'unknown' | 'unpublished'

const MAX_REMEMBERED = 1000
/** Characters of builds in memory. */
const MAX_CHARACTERS = 32_000_000

export class PublishedTemplates {
  readonly #store: Pick<TemplateStore, 'published' | 'build' | 'find'>
  readonly #known = new Map<string, { readonly built: BuiltTemplate; readonly characters: number }>()
  #characters = 0

  constructor(store: Pick<TemplateStore, 'published' | 'build' | 'find'>) {
    this.#store = store
  }

  /** By its id or its name. */
  async named(
    account: AccountId,
    named: TemplateId | string,
  ): Promise<Result<PublishedTemplate, PublishedFault>> {
    const mark = await this.#store.published(account, named)
    if (mark === null) return fault((await this.#store.find(account, named)) ? 'unpublished' : 'unknown')
    const { digest, id, name, number } = mark
    const known = this.#known.get(digest)
    if (known) return ok({ ...known.built, name, number })
    const build = await this.#store.build(account, id)
    if (build === null) return fault('unpublished')
    this.#remember(build.digest, build.built)
    return ok({ ...build.built, name, number: build.number })
  }

  /** For many messages of one request: each template is asked for once, and is the same for all of them. */
  forOneRequest(): Pick<PublishedTemplates, 'named'> {
    const asked = new Map<string, ReturnType<PublishedTemplates['named']>>()
    return {
      named: (account, named) => {
        const known = asked.get(named) ?? this.named(account, named)
        asked.set(named, known)
        return known
      },
    }
  }

  /** Equal builds of different accounts are equal: nothing in them is anybody's. */
  #remember(digest: string, built: BuiltTemplate): void {
    const characters = (built.subject?.length ?? 0) + (built.html?.length ?? 0) + (built.text?.length ?? 0)
    if (characters > MAX_CHARACTERS / 4 || this.#known.has(digest)) return
    this.#known.set(digest, { built, characters })
    this.#characters += characters
    for (const [old, { characters: fewer }] of this.#known) {
      if (this.#known.size <= MAX_REMEMBERED && this.#characters <= MAX_CHARACTERS) break
      this.#known.delete(old)
      this.#characters -= fewer
    }
  }
}
