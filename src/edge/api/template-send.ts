//
// Owns: a send that names a template: what the template has stands in the place of what the body would have.
// From here on it is a send as any other, frozen when it is accepted.

import type { AccountId } from '../../core/ids.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { FieldCode } from '../../services/submission/refusal.ts'
import type { PublishedTemplates } from '../../services/templates/published.ts'
import type { Problem } from './problem.ts'

/** The fields of a send that a template fills. */
export interface TemplateFields {
  readonly template_id?: string | undefined
  readonly subject?: string | undefined
  readonly html?: string | undefined
  readonly text?: string | undefined
  readonly data?: Record<string, unknown> | undefined
}

export interface Worded<B> {
  readonly body: B
  /** The name of the template; null: none is used. */
  readonly template: string | null
}

type Published = Pick<PublishedTemplates, 'named'>

/** A subject of the body goes before that of the template. */
export async function worded<B extends TemplateFields>(
  body: B,
  account: AccountId,
  published: Published,
): Promise<Result<Worded<B>, Problem>> {
  const named = body.template_id
  if (named === undefined) return ok({ body, template: null })
  const { template_id: _, ...rest } = body
  if (body.html !== undefined || body.text !== undefined) {
    const path = body.html === undefined ? 'text' : 'html'
    return fault(wrong(path, 'conflict', 'does not go with template_id, which has a content of its own'))
  }
  const found = await published.named(account, named)
  if (!found.ok) {
    const message =
      found.error === 'unpublished'
        ? 'names a template of which no version is published'
        : 'names no template of this account'
    return fault(wrong('template_id', 'unknown_template', message))
  }
  const { subject, html, text, name } = found.value
  const said = {
    ...rest,
    ...(body.subject === undefined && subject !== null ? { subject } : {}),
    ...(html === null ? {} : { html }),
    ...(text === null ? {} : { text }),
    data: body.data ?? {},
  }
  return ok({ body: said as unknown as B, template: name })
}

/** Lines of a built page are none that its author knows. */
export function ofTemplate(problem: Problem, template: string | null): Problem {
  if (template === null || problem.code !== 'template_error') return problem
  const said = (message: string): string =>
    `template ${JSON.stringify(template)}, ${message.replace(/^(\w+), line \d+, column \d+:/, '$1:')}`
  return {
    ...problem,
    message: said(problem.message),
    fields: (problem.fields ?? []).map((field) => ({ ...field, message: said(field.message) })),
  }
}

const wrong = (path: string, code: FieldCode, message: string): Problem => ({
  code: 'validation_failed',
  message: `${path} ${message}.`,
  fields: [{ path, code, message }],
})
