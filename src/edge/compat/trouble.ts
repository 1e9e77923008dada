//
// Owns: what went wrong, before a vendor's shape is put on it. Pure.

import type { FieldFault } from '../../services/submission/refusal.ts'
import type { Problem, ProblemCode } from '../api/problem.ts'
import { statusOf } from '../api/problem.ts'

export interface Trouble {
  readonly status: number
  readonly code: ProblemCode
  readonly message: string
  readonly fields: readonly FieldFault[]
}

export const troubleOf = (problem: Problem): Trouble => ({
  status: statusOf(problem.code),
  code: problem.code,
  message: problem.message,
  fields: problem.fields ?? [],
})

/** All that is wrong with a request, as one answer. */
export function wrong(fields: readonly FieldFault[]): Trouble {
  const [first] = fields
  const message = first ? `${first.path} ${first.message}`.trim() : 'The request is not as documented.'
  return { status: 422, code: 'validation_failed', message: asSentence(message), fields }
}

/** What a stranger called a field, as far as an answer repeats it. */
const named = (name: string): string => name.slice(0, 60).toWellFormed()

/** What a vendor has and MailWok has not. */
export const notAvailable = (name: string, message: string): FieldFault => ({
  path: named(name),
  code: 'not_available',
  message,
})

/** What the vendor has not either. */
export const notKnown = (name: string): FieldFault => ({
  path: named(name),
  code: 'unknown_field',
  message: 'is not a known field',
})

export const notHere = (message: string): Trouble => ({
  status: 404,
  code: 'not_found',
  message,
  fields: [],
})

const asSentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`)

/** The same trouble with the names that the vendor's client used. */
export function renamed(trouble: Trouble, names: Readonly<Record<string, string>>): Trouble {
  if (trouble.fields.length === 0) return trouble
  const fields = trouble.fields.map((each) => ({ ...each, path: vendorPath(each.path, names) }))
  const [first] = fields
  const [before] = trouble.fields
  // Of a batch the message says itself which of them it is about.
  const isPlaced = first && /^messages\[\d+\]/.test(before?.path ?? '')
  const isAbout = first && before && trouble.message.startsWith(before.path)
  const message = isPlaced
    ? asSentence(`${first.path} ${first.message}`)
    : isAbout
      ? first.path + trouble.message.slice(before.path.length)
      : trouble.message
  return { ...trouble, message, fields }
}

/** What lies within is renamed only where it is ours to name: merge data has names of its own. */
function vendorPath(path: string, names: Readonly<Record<string, string>>): string {
  // Of a batch: `messages[3].to`.
  const [, place, inner] = /^messages(\[\d+\])\.(.+)$/s.exec(path) ?? []
  if (place !== undefined && inner !== undefined) {
    return `${names['messages'] ?? ''}${place}.${vendorPath(inner, names)}`
  }
  const [head = ''] = /^[a-z_]+/i.exec(path) ?? []
  const rest = path.slice(head.length)
  const name = names[head] ?? head
  if (head !== 'attachments') return name + rest
  return name + rest.replace(/[a-z_]+/gi, (part) => names[part] ?? part)
}
