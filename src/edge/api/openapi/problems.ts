//
// Owns: errors in the OpenAPI document: which codes a route can answer with, by status, and what each means, in the
// words of docs/errors.md. Pure.

import errorsPage from '../../../../docs/errors.md' with { type: 'text' }
import { PROBLEM_CODES, type ProblemCode, problemBody, statusOf } from '../problem.ts'
import type { Json } from './plain.ts'

export interface RouteFacts {
  readonly method: string
  /** A key is asked for. */
  readonly isPrivate: boolean
  readonly takesBody: boolean
  readonly takesQuery: boolean
}

/** What every route of its kind can answer with. */
function usual({ isPrivate, method, takesBody, takesQuery }: RouteFacts): readonly ProblemCode[] {
  const codes: ProblemCode[] = ['invalid_request', 'internal_error']
  if (isPrivate) codes.push('unauthorized', 'too_many_requests', 'storage_unavailable')
  if (isPrivate) codes.push('missing_scope')
  if (isPrivate && method !== 'get') codes.push('live_key_required', 'storage_busy', 'storage_full')
  if (takesBody) codes.push('malformed_json', 'body_too_large', 'unsupported_media_type', 'storage_busy')
  if (takesBody || takesQuery) codes.push('validation_failed')
  return codes
}

/** By status, in the order of PROBLEM_CODES. */
export function problemsOf(
  facts: RouteFacts,
  more: readonly ProblemCode[],
): ReadonlyMap<number, readonly ProblemCode[]> {
  const all = new Set([...usual(facts), ...more])
  const byStatus = new Map<number, ProblemCode[]>()
  for (const code of PROBLEM_CODES) {
    if (!all.has(code)) continue
    const status = statusOf(code)
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return byStatus
}

export const PROBLEM_SCHEMA: Json = {
  type: 'object',
  description: 'How the API says no, whatever was asked.',
  required: ['success', 'error'],
  properties: {
    success: { const: false },
    error: {
      type: 'object',
      required: ['code', 'message', 'fields', 'request_id', 'docs'],
      properties: {
        code: { type: 'string', enum: PROBLEM_CODES, description: 'The contract: programs branch on it.' },
        message: { type: 'string', description: 'For people; may change.' },
        fields: {
          type: 'array',
          description: 'What is at fault, in the words of the request.',
          items: {
            type: 'object',
            required: ['path', 'code', 'message'],
            properties: {
              path: { type: 'string', examples: ['to[1]', 'attachments[0].content'] },
              code: { type: 'string', examples: ['required', 'invalid', 'unknown_field'] },
              message: { type: 'string' },
            },
          },
        },
        request_id: { type: 'string', examples: ['req_mwsuuzvc0000'] },
        docs: { type: 'string', examples: ['/docs/errors#validation_failed'] },
      },
    },
  },
}

export const problemExamples = (): Json =>
  Object.fromEntries(
    PROBLEM_CODES.map((code) => [
      code,
      { summary: code, value: problemBody({ code, message: meaningOf(code) }, 'req_mwsuuzvc0000') },
    ]),
  )

/** The first sentence that docs/errors.md says of it. */
export function meaningOf(code: ProblemCode): string {
  const section =
    new RegExp(`^### ${code}\\n([\\s\\S]*?)(?=\\n#|$(?![\\s\\S]))`, 'm').exec(errorsPage)?.[1] ?? ''
  const said = section
    .replace(/^HTTP \d{3}\. (?:SMTP \d{3} [\d.]+\. )?/, '')
    .replaceAll('\n', ' ')
    .trim()
  return /^.*?[.:](?= [A-Z`]|$)/.exec(said)?.[0] ?? said
}

/** What an answer with one of these codes looks like. */
export function problemResponse(status: number, codes: readonly ProblemCode[], headers: Json): Json {
  return {
    description: codes.map((code) => `\`${code}\`: ${meaningOf(code)}`).join('\n\n'),
    headers: /^(?:429|5\d\d)$/.test(String(status))
      ? { ...headers, 'Retry-After': { $ref: '#/components/headers/Retry-After' } }
      : headers,
    content: {
      'application/json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { properties: { error: { properties: { code: { enum: codes } } } } },
          ],
        },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  }
}
