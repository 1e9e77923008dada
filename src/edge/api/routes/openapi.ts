//
// Owns: GET /v1/openapi.json: the whole API as OpenAPI 3.1, for programs; no key is needed.

import { Elysia, t } from 'elysia'
import { type DocumentFacts, openApi, type Route } from '../openapi/document.ts'
import type { Json } from '../openapi/plain.ts'
import { operation } from '../operation.ts'
import { Packed } from '../reference/packed.ts'

export class ApiDocument {
  readonly #facts: DocumentFacts
  #routes: readonly Route[] = []
  #made: { readonly document: Json; readonly packed: Packed; readonly tag: string } | null = null

  constructor(facts: DocumentFacts) {
    this.#facts = facts
  }

  /** When all are there. */
  of(routes: readonly Route[]): void {
    this.#routes = routes
  }

  /** When it is asked for, and once: most nodes are never asked. */
  made() {
    if (this.#made) return this.#made
    const document = openApi(this.#routes, this.#facts)
    const text = JSON.stringify(document)
    // Weak: it is of the packed form as well (RFC 9110 section 8.8.3).
    const tag = `W/"${new Bun.CryptoHasher('sha256').update(text).digest('hex').slice(0, 16)}"`
    const fields = { etag: tag, 'cache-control': 'public, max-age=300', 'content-type': 'application/json' }
    this.#made = { document, packed: new Packed(text, fields), tag }
    return this.#made
  }
}

export const openApiRoutes = (document: ApiDocument) =>
  new Elysia({ name: 'openapi', normalize: false }).get(
    '/v1/openapi.json',
    ({ request }) => {
      const { packed, tag } = document.made()
      const known = request.headers
        .get('if-none-match')
        ?.split(',')
        .map((one) => one.trim())
      if (known?.includes(tag)) return new Response(null, { status: 304, headers: { etag: tag } })
      return packed.answer(request)
    },
    operation({
      summary: 'Get the OpenAPI document',
      description: 'This document. No key is needed.',
      answers: {
        200: {
          description: 'OpenAPI 3.1.',
          schema: t.Object({ openapi: t.Literal('3.1.1') }, { additionalProperties: true }),
        },
        304: { description: 'It is as it was (`If-None-Match`).', schema: null },
      },
    }),
  )
