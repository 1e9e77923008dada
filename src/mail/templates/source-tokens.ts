//
// Owns: Liquid as a row of pieces of text, tags and outputs, each with its place. What is between `raw` is text, what is
// in a comment is nothing.

import { TagToken, Tokenizer, TokenKind, type TopLevelToken } from 'liquidjs'

export interface SourceToken {
  readonly kind: 'text' | 'tag' | 'output'
  /** As it is written, delimiters included. */
  readonly text: string
  readonly begin: number
  /** Of a tag. */
  readonly name: string
  /** Of a tag: what follows the name; of an output: what is within. */
  readonly args: string
  readonly trimsLeft: boolean
  readonly trimsRight: boolean
}

/** Throws the engine's error for what no Liquid is: it knows the place. */
export function sourceTokens(source: string): readonly SourceToken[] {
  const tokens: SourceToken[] = []
  let comment = 0
  for (const token of new Tokenizer(source).readTopLevelTokens()) {
    const one = tokenOf(source, token)
    if (one.kind === 'tag' && one.name === 'comment') comment++
    if (comment === 0) tokens.push(one)
    if (one.kind === 'tag' && one.name === 'endcomment') comment = Math.max(0, comment - 1)
  }
  return tokens
}

function tokenOf(source: string, token: TopLevelToken): SourceToken {
  const text = source.slice(token.begin, token.end)
  if (token.kind === TokenKind.Tag && token instanceof TagToken) {
    return {
      kind: 'tag',
      text,
      begin: token.begin,
      name: token.name,
      args: token.args.trim(),
      ...trims(text),
    }
  }
  if (token.kind === TokenKind.Output) {
    const args = text.replace(/^\{\{-?/, '').replace(/-?\}\}$/, '')
    return { kind: 'output', text, begin: token.begin, name: '', args: args.trim(), ...trims(text) }
  }
  return { kind: 'text', text, begin: token.begin, name: '', args: '', trimsLeft: false, trimsRight: false }
}

const trims = (text: string) => ({
  trimsLeft: /^\{[{%]-/.test(text),
  trimsRight: /-[}%]\}$/.test(text),
})

/** Both counted from 1. */
export function placeAt(source: string, offset: number): { readonly line: number; readonly column: number } {
  const before = source.slice(0, offset)
  const line = before.split('\n').length
  return { line, column: offset - before.lastIndexOf('\n') }
}
