//
// Owns: the API's routes and its document without a store, a queue or a socket behind them: what is asked of the parts is
// that they are there.

import { createApi } from '../../src/edge/api/api.ts'
import type { Route } from '../../src/edge/api/openapi/document.ts'
import type { ApiParts } from '../../src/edge/api/parts.ts'

/** Whatever is read of it is one like it; it can be called. */
const anything: object = new Proxy(() => undefined, {
  get: (_, name) => (name === 'then' || typeof name === 'symbol' ? undefined : anything),
  apply: () => anything,
})

const options = { maxBody: 1 << 20, publicUrl: 'https://mail.example.com', version: '0.0.0' }
const parts = new Proxy({} as ApiParts, {
  get: (_, name) =>
    name === 'options' ? options : name === 'ids' ? { request: () => 'req_mwsuuzvc0000' } : anything,
})

export interface ApiDocumentJson {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationJson>>>>
  readonly webhooks: Readonly<Record<string, unknown>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

export interface OperationJson {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly parameters?: readonly ParameterJson[]
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaJson>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, MediaJson>> }>>
  readonly security?: readonly unknown[]
}
export interface ParameterJson {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: SchemaJson
}
export interface MediaJson {
  readonly schema: SchemaJson
  readonly example?: unknown
}
export type SchemaJson = Readonly<Record<string, unknown>>

export const api = createApi(parts)

export const ROUTES: readonly Route[] = api.routes
export const apiDocument = async (): Promise<ApiDocumentJson> =>
  (await (await api.fetch(new Request('http://localhost/v1/openapi.json'), '')).json()) as ApiDocumentJson
