//
// Owns: GET /v1/openapi.json: the whole API as OpenAPI 3.1, for programs; no key is needed.

import { Elysia, t } from 'elysia'
import { type DocumentFacts, openApi, type Route } from '../openapi/document.ts'
import type { Json } from '../openapi/plain.ts'
import { operation } from '../operation.ts'

export class ApiDocument {
  readonly #facts: DocumentFacts
  #routes: readonly Route[] = []
  #made: { readonly document: Json; readonly text: string; readonly tag: string } | null = null

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
    const tag = `"${new Bun.CryptoHasher('sha256').update(text).digest('hex').slice(0, 16)}"`
    this.#made = { document, text, tag }
    return this.#made
  }
}

export const openApiRoutes = (document: ApiDocument) =>
  new Elysia({ name: 'openapi', normalize: false }).get(
    '/v1/openapi.json',
    ({ request }) => {
      const { tag, text } = document.made()
      const headers = { etag: tag, 'cache-control': 'public, max-age=300' }
      const known = request.headers
        .get('if-none-match')
        ?.split(',')
        .map((one) => one.trim().replace(/^W\//, ''))
      if (known?.includes(tag)) return new Response(null, { status: 304, headers })
      return new Response(text, { headers: { ...headers, 'content-type': 'application/json' } })
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
