//
// Owns: taking out of a bundle the scopes that change nothing: most templates are plain without them, and merged twenty
// times as fast.

import { escapeHtml } from './plain-template.ts'
import { sourceTokens } from './source-tokens.ts'

/** Somewhere something is assigned: what a partial may see of it is for the engine to say. */
const ASSIGNING = /\{%-?\s*(?:assign|capture|for|tablerow|increment|decrement|cycle|within|liquid)\b/

/** An innermost one. */
const SCOPE = /\{% isolated( [^%]*?)? %\}((?:(?!\{% (?:end)?isolated)[\s\S])*?)\{% endisolated %\}/g

export function withoutNeedlessScopes(text: string, escaped: boolean): string {
  if (ASSIGNING.test(text)) return text
  let before = text
  for (;;) {
    const after = before.replace(SCOPE, (whole, said: string | undefined, body: string) => {
      if (said === undefined) return body
      const given = givenIn(said)
      return given === null ? whole : (filled(body, given, escaped) ?? whole)
    })
    if (after === before) return after
    before = after
  }
}

const PAIR =
  /^\s*([A-Za-z_]\w*)\s*:\s*("[^"{%\\]*"|'[^'{%\\]*'|-?\d+|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*(?:,|$)/

/** Null: more than texts, numbers and paths is given. */
function givenIn(said: string): ReadonlyMap<string, string> | null {
  const given = new Map<string, string>()
  let rest = said
  while (rest.trim() !== '') {
    const [pair, name = '', value = ''] = PAIR.exec(rest) ?? []
    if (pair === undefined) return null
    given.set(name, value)
    rest = rest.slice(pair.length)
  }
  return given
}

/** What was given stands where it is printed. Null: it is used for more than that. */
function filled(body: string, given: ReadonlyMap<string, string>, escaped: boolean): string | null {
  let out = ''
  for (const token of sourceTokens(body)) {
    if (token.kind === 'tag') return null
    if (token.kind === 'text') {
      out += token.text
      continue
    }
    const piece = printed(token.args, given, escaped)
    if (piece === null || ((token.trimsLeft || token.trimsRight) && piece !== '')) return null
    out += piece === '' ? token.text : piece
  }
  return out
}

/** Empty: it has nothing to do with what was given. */
function printed(args: string, given: ReadonlyMap<string, string>, escaped: boolean): string | null {
  const [, root = '', rest = ''] = /^([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)$/.exec(args) ?? []
  if (root === '') return (args.match(/[A-Za-z_]\w*/g) ?? []).some((word) => given.has(word)) ? null : ''
  const value = given.get(root)
  if (value === undefined) return ''
  if (/^["'\d-]/.test(value)) {
    if (rest !== '') return null
    const literal = value.replace(/^["']|["']$/g, '')
    return literal === '' ? null : escaped ? escapeHtml(literal) : literal
  }
  return `{{ ${value}${rest} }}`
}
