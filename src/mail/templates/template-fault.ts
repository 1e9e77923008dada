//
// Owns: what went wrong in a template, in words for the person who wrote it.

import { LiquidError } from 'liquidjs'

export interface TemplateFault {
  readonly part: 'subject' | 'html' | 'text'
  /** Both counted from 1; 0 when it concerns the whole. */
  readonly line: number
  readonly column: number
  /** The path of a variable that has no value: `customer.name`. */
  readonly variable?: string
  readonly message: string
}

/** The engine's errors wrap each other; the innermost has the reason, the outermost with a token the place. */
export function templateFaultOf(part: TemplateFault['part'], error: unknown): TemplateFault {
  const chain = chainOf(error)
  const innermost = chain[chain.length - 1]
  const place = placeOf(chain)
  const variable = variableOf(chain)
  if (variable !== null) {
    const message = `variable ${JSON.stringify(variable)} has no value; give data.${variable} or write {{ ${variable} | default: "…" }}`
    return { part, ...place, variable, message: oneLine(message) }
  }
  const raw = innermost instanceof Error ? innermost.message : String(innermost)
  // Line and column stand in fields of their own, and nobody outside needs to know the engine's look-up paths.
  const message = oneLine(raw.replace(/, line:\d+, col:\d+$/, ''))
  return { part, ...place, message }
}

/** The reason may quote the template, which has lines of its own. */
const oneLine = (text: string): string =>
  text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .slice(0, 300)
    .toWellFormed()

const MAX_CHAIN = 10

function chainOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = []
  for (let at = error; at !== undefined && at !== null && chain.length < MAX_CHAIN; ) {
    chain.push(at)
    at = LiquidError.is(at) ? at.originalError : undefined
  }
  return chain
}

function placeOf(chain: readonly unknown[]): { readonly line: number; readonly column: number } {
  for (let index = chain.length - 1; index >= 0; index--) {
    const error = chain[index]
    if (!LiquidError.is(error)) continue
    const at = error.token.getPosition()
    return { line: at[0] ?? 0, column: at[1] ?? 0 }
  }
  return { line: 0, column: 0 }
}

function variableOf(chain: readonly unknown[]): string | null {
  for (const error of chain) {
    if (error instanceof Error && 'variableName' in error && typeof error.variableName === 'string') {
      return error.variableName
    }
  }
  return null
}
