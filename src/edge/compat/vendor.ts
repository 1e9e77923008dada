//
// Owns: what a vendor's folder tells facades.ts: where his keys are, his routes, and how he says no.

import type { Native } from './native.ts'
import type { Trouble } from './trouble.ts'

/** One request, with its body read. */
export interface Ask {
  readonly native: Native
  readonly url: URL
  /** Parts of the path, decoded. */
  readonly params: readonly string[]
  /** Null: there was none. */
  readonly body: unknown
  readonly headers: Headers
}

export type Answer = Response | { readonly trouble: Trouble }

export interface Route {
  readonly method: string
  /** Such as `/emails/:id`. */
  readonly path: string
  answer(ask: Ask): Answer | Promise<Answer>
}

export interface Vendor {
  /** The key in his way of naming it; null: there is none. */
  keyOf(request: Request): string | null
  /** What to say of a key of his own that is none here. */
  keyHint?(key: string): string | null
  readonly body: 'json' | 'form'
  readonly routes: readonly Route[]
  /** `docs`: where what is mapped is described. */
  sayNo(trouble: Trouble, docs: string): Response
  /** By first segments of a path that is not here: what to use instead. */
  readonly elsewhere: Readonly<Record<string, string>>
}

export const bearerIn = (request: Request): string | null =>
  /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? null

/** The password of RFC 7617, where a key is one. */
export function basicIn(request: Request): string | null {
  const told = /^Basic +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  if (told === undefined) return null
  const pair = Buffer.from(told, 'base64').toString('utf8')
  return pair.slice(pair.indexOf(':') + 1) || null
}
