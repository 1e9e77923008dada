//
// Owns: what a route says of itself beside the schema of its body: of this the OpenAPI document, the reference page and
// the tests that try everything are made (openapi/). Nothing of it is looked at while a request is answered.

import type { TSchema } from 'elysia'
import type { ProblemCode } from './problem.ts'

export interface Operation {
  /** In a few words, such as "Send a message". */
  readonly summary: string
  /** In sentences; Markdown. */
  readonly description?: string
  /** Parts of the path; each is text. Absent: those of the path, without any description. */
  readonly params?: TSchema
  /** Parameters of the query, as query.ts reads them. */
  readonly query?: TSchema
  /** Header fields that this route reads. */
  readonly headers?: TSchema
  /** A body that works as it stands here. */
  readonly bodyExample?: unknown
  /** Media types of bodies that the schema of the route does not tell; null: octets or text. */
  readonly bodies?: Readonly<Record<string, TSchema | null>>
  /** By status, those that are no error. */
  readonly answers: Readonly<Record<number, Answer>>
  /** Codes of errors beside those that every route can answer with (openapi/problems.ts). */
  readonly problems?: readonly ProblemCode[]
}

export interface Answer {
  readonly description: string
  /** Null: there is no body, or it is not JSON. */
  readonly schema: TSchema | null
  readonly contentType?: string
  readonly example?: unknown
}

/** Spread into the options of a route: `.get('/x', handler, { body, ...operation({ … }) })`. */
export const operation = (
  said: Operation,
): { readonly detail: { readonly summary: string; readonly 'x-operation': Operation } } => ({
  // The framework takes no details in which it knows nothing.
  detail: { summary: said.summary, 'x-operation': said },
})
