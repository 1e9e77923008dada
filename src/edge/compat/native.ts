//
// Owns: asking MailWok's own API for what a vendor's client wants: keys, scopes, limits, the audit log and the door are
// those of everybody else.

import type { FieldFault } from '../../services/submission/refusal.ts'
import type { ProblemCode } from '../api/problem.ts'
import type { Trouble } from './trouble.ts'
import type { Json } from './values.ts'

export type ApiFetch = (request: Request, peer: string) => Response | Promise<Response>

/** Who asks, and what of his request goes along. */
export interface Visitor {
  readonly peer: string
  /** Null: he named none. */
  readonly key: string | null
  readonly origin: string
}

export interface Wish {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** With its query. */
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export type NativeAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: Trouble }

/** What the answers of a vendor's client keep of ours. */
const KEPT = ['x-request-id', 'ratelimit', 'ratelimit-policy', 'retry-after', 'idempotency-replayed']

export class Native {
  readonly #fetch: ApiFetch
  readonly #visitor: Visitor
  /** Of the last answer. */
  #kept: Readonly<Record<string, string>> = {}

  constructor(fetch: ApiFetch, visitor: Visitor) {
    this.#fetch = fetch
    this.#visitor = visitor
  }

  get kept(): Readonly<Record<string, string>> {
    return this.#kept
  }

  /** JSON, of the shape that its route answers with. */
  async ask<T = Json>(wish: Wish): Promise<NativeAnswer<T>> {
    const response = await this.fetch(wish)
    if (response.ok) return { ok: true, value: (await response.json()) as T }
    return { ok: false, error: await troubleIn(response) }
  }

  /** What is no JSON. */
  async fetch({ method, path, body, headers }: Wish): Promise<Response> {
    const { key, origin, peer } = this.#visitor
    const text = body === undefined ? null : JSON.stringify(body)
    const response = await this.#fetch(
      new Request(`${origin}${path}`, {
        method,
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(text === null ? {} : ofBody(text)),
          ...headers,
        },
        ...(text === null ? {} : { body: text }),
      }),
      peer,
    )
    this.#kept = Object.fromEntries(
      KEPT.flatMap((name) => {
        const value = response.headers.get(name)
        return value === null ? [] : [[name, value] as const]
      }),
    )
    return response
  }
}

const ofBody = (text: string) => ({
  'content-type': 'application/json',
  'content-length': String(Buffer.byteLength(text)),
})

interface ProblemAnswer {
  readonly error?: {
    readonly code?: ProblemCode
    readonly message?: string
    readonly fields?: readonly FieldFault[]
  }
}

async function troubleIn(response: Response): Promise<Trouble> {
  const { error } = (await response.json().catch(() => ({}))) as ProblemAnswer
  return {
    status: response.status,
    code: error?.code ?? 'internal_error',
    message: error?.message ?? 'The request failed.',
    fields: error?.fields ?? [],
  }
}
