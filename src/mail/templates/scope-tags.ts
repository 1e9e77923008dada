//
// Owns: two tags that stand in built templates alone: what a partial was given (`isolated`), and what a layout was given
// (`within`). They are what is left of `render`, `include` and `layout` once these are written into one text.

import {
  type Context,
  type Emitter,
  Hash,
  type Liquid,
  type Parser,
  Tag,
  TagToken,
  type Template,
  type TopLevelToken,
} from 'liquidjs'

export const ISOLATED = 'isolated'
export const WITHIN = 'within'

class ScopeTag extends Tag {
  readonly #hash: Hash
  readonly #templates: Template[] = []
  readonly #isolated: boolean

  constructor(token: TagToken, remaining: TopLevelToken[], liquid: Liquid, parser: Parser) {
    super(token, remaining, liquid)
    this.#isolated = token.name === ISOLATED
    this.#hash = new Hash(token.args)
    for (let next = remaining.shift(); next !== undefined; next = remaining.shift()) {
      if (next instanceof TagToken && next.name === `end${token.name}`) return
      this.#templates.push(parser.parseToken(next, remaining))
    }
    throw new Error(`tag ${token.getText()} not closed`)
  }

  override *render(context: Context, emitter: Emitter): Generator<unknown, void, unknown> {
    const values = (yield this.#hash.render(context)) as Record<string, unknown>
    // What is sent can be seen in a partial; what the text around it assigned cannot.
    const inner = this.#isolated ? context.spawn(context.environments) : context
    inner.push(values)
    yield this.liquid.renderer.renderTemplates(this.#templates, inner, emitter)
    inner.pop()
  }
}

export function addScopeTags(liquid: Liquid): void {
  for (const name of [ISOLATED, WITHIN]) liquid.registerTag(name, ScopeTag)
}
