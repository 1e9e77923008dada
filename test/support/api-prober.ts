//
// Owns: asking a running API by its own document, and judging each answer by it: a documented status, a body of the
// documented schema and nothing beside it, a request id, and never a fault of ours.

import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020'
import { PROBLEM_CODES } from '../../src/edge/api/problem.ts'
import { FIELD_CODES } from '../../src/services/submission/refusal.ts'
import type { ApiDocumentJson, OperationJson, ParameterJson } from './api-document.ts'
import type { Lab } from './appliance.ts'

const PROBLEMS: ReadonlySet<string> = new Set(PROBLEM_CODES)
const FIELDS: ReadonlySet<string> = new Set(FIELD_CODES)

export interface Probe {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly operation: OperationJson
}

export interface Ask {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** As it is sent; absent: none. */
  readonly body?: string | Uint8Array<ArrayBuffer>
}

export interface Told {
  readonly status: number
  readonly body: unknown
  /** What is wrong with the answer; empty: nothing. */
  readonly faults: readonly string[]
  readonly code: string | null
  readonly fields: readonly { readonly path: string; readonly code: string; readonly message: string }[]
  readonly headers: Headers
}

export const probesOf = (document: ApiDocumentJson): readonly Probe[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      operation,
    })),
  )

export class Prober {
  readonly #document: ApiDocumentJson
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false })
  readonly #checks = new Map<string, ValidateFunction>()

  constructor(document: ApiDocumentJson) {
    // Clients get further keys one day; until they are documented they are a fault.
    this.#document = closed(document) as ApiDocumentJson
  }

  async ask(lab: Pick<Lab, 'fetch'>, probe: Probe, ask: Ask): Promise<Told> {
    const path = probe.path.replace(/\{(\w+)\}/g, (_, name: string) => ask.params?.[name] ?? 'x')
    const query = new URLSearchParams(ask.query).toString()
    const answer = await lab.fetch(`${path}${query === '' ? '' : `?${query}`}`, {
      method: probe.method,
      ...(ask.headers ? { headers: ask.headers } : {}),
      ...(ask.body === undefined ? {} : { body: ask.body }),
      redirect: 'manual',
    })
    return this.#judge(probe, answer)
  }

  async #judge(probe: Probe, answer: Response): Promise<Told> {
    const { headers, status } = answer
    const type = headers.get('content-type')?.replace(/;.*$/, '') ?? null
    const faults: string[] = []
    if (headers.get('x-request-id') === null && status !== 413) faults.push('no X-Request-Id')
    if (type === 'text/event-stream') {
      await answer.body?.cancel()
      return { status, body: null, faults, code: null, fields: [], headers }
    }
    const text = await answer.text()
    const body = type === 'application/json' ? parsed(text, faults) : text
    if (status >= 500) faults.push(`${status}: ${text.slice(0, 200)}`)
    const documented = probe.operation.responses[String(status)]
    if (documented === undefined) faults.push(`${status} is not documented: ${text.slice(0, 200)}`)
    else if (type === 'application/json') {
      if (documented.content?.['application/json'] === undefined) faults.push(`${status} has no JSON`)
      else faults.push(...this.#check(probe, status, body))
    }
    const problem = isProblem(body) ? body.error : null
    for (const { code } of problem?.fields ?? [])
      if (!FIELDS.has(code) && !PROBLEMS.has(code))
        faults.push(`docs/errors.md has no code of fields ${code}`)
    return { status, body, faults, code: problem?.code ?? null, fields: problem?.fields ?? [], headers }
  }

  #check(probe: Probe, status: number, body: unknown): readonly string[] {
    const method = probe.method.toLowerCase()
    const key = `${method} ${probe.path} ${status}`
    let check = this.#checks.get(key)
    if (check === undefined) {
      const schema =
        this.#document.paths[probe.path]?.[method]?.responses[String(status)]?.content?.['application/json']
          ?.schema
      check = this.#ajv.compile({ ...schema, components: this.#document.components })
      this.#checks.set(key, check)
    }
    if (check(body)) return []
    const shown = JSON.stringify(body).slice(0, 600)
    return [`${status} is not as documented: ${this.#ajv.errorsText(check.errors).slice(0, 400)}: ${shown}`]
  }
}

export const parametersIn = (probe: Probe, place: ParameterJson['in']): readonly ParameterJson[] =>
  (probe.operation.parameters ?? []).filter((one) => one.in === place)

export const bodyOf = (probe: Probe) => probe.operation.requestBody?.content['application/json'] ?? null

/** `unevaluatedProperties: false` wherever properties are listed; not in parts of an allOf, which know each other not. */
export function closed(value: unknown, isPart = false): unknown {
  if (Array.isArray(value)) return value.map((one) => closed(one))
  if (typeof value !== 'object' || value === null) return value
  const inner = Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      key === 'allOf' && Array.isArray(one) ? one.map((part) => closed(part, true)) : closed(one),
    ]),
  )
  const isOpen = 'additionalProperties' in inner || isPart
  const listsKeys = (inner['type'] === 'object' && 'properties' in inner) || 'allOf' in inner
  return listsKeys && !isOpen ? { ...inner, unevaluatedProperties: false } : inner
}

function parsed(text: string, faults: string[]): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    faults.push(`no JSON: ${text.slice(0, 100)}`)
    return null
  }
}

interface ProblemJson {
  readonly error: { readonly code: string; readonly fields: Told['fields'] }
}
const isProblem = (body: unknown): body is ProblemJson =>
  typeof body === 'object' &&
  body !== null &&
  'error' in body &&
  typeof body.error === 'object' &&
  body.error !== null
