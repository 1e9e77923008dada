//
// Owns: Mailgun's recipient variables: a message for each recipient, with his own values in it. Pure.

import type { NamedMailbox } from '../../../core/address.ts'
import type { FieldFault } from '../../../services/submission/refusal.ts'
import { written } from '../addresses.ts'
import { MOST_IN_BATCH } from '../sending.ts'
import { freshBudget, MOST_NAMES, MOST_OCTETS, type PutIn, putter } from '../substitution.ts'
import { isObject, type Json } from '../values.ts'

export interface Recipients {
  readonly to: readonly NamedMailbox[]
  /** By address. */
  readonly variables: Json
}

const NAME = /%recipient(?:\.[^%\s]{1,100}|_email|_name|_fname|_lname)?%/g

export function personalized(shared: Json, { to, variables }: Recipients, faults: FieldFault[]): Json[] {
  if (to.length > MOST_IN_BATCH) {
    const message = `names ${to.length} recipients; at most ${MOST_IN_BATCH} have variables at once`
    faults.push({ path: 'to', code: 'too_large', message })
    return []
  }
  const names = namesIn(shared)
  if (names.size > MOST_NAMES) {
    const message = `has more than ${MOST_NAMES} names`
    faults.push({ path: 'recipient-variables', code: 'too_large', message })
    return []
  }
  const budget = freshBudget()
  return to.map((person) => {
    const values = new Map<string, string>()
    for (const name of names) {
      const value = valueIn(name, person, variables)
      if (value === null) {
        const message = `has no value of ${name} for ${person.mailbox}`
        if (faults.length < 20)
          faults.push({ path: 'recipient-variables', code: 'missing_variable', message })
      } else values.set(name, value)
    }
    const own = ownOf(shared, putter(values, budget))
    if (own === null) {
      const message = `make more of all messages together than ${MOST_OCTETS / 1e6} MB`
      if (faults.length < 20) faults.push({ path: 'recipient-variables', code: 'too_large', message })
    }
    return { ...own, to: [written(person)] }
  })
}

/** Where something may be put in. */
const TEXTS = ['subject', 'html', 'text'] as const
const FAMILIES = ['headers', 'custom', 'data'] as const

function namesIn(shared: Json): ReadonlySet<string> {
  const texts: unknown[] = TEXTS.map((name) => shared[name])
  for (const name of FAMILIES) {
    const fields = shared[name]
    if (isObject(fields)) texts.push(...Object.values(fields))
  }
  return new Set(texts.flatMap((text) => (typeof text === 'string' ? (text.match(NAME) ?? []) : [])))
}

function valueIn(name: string, person: NamedMailbox, variables: Json): string | null {
  const words = (person.name ?? '').trim().split(/\s+/)
  switch (name) {
    case '%recipient%':
      return written(person)
    case '%recipient_email%':
      return person.mailbox
    case '%recipient_name%':
      return person.name ?? ''
    case '%recipient_fname%':
      return words[0] ?? ''
    case '%recipient_lname%':
      return words.slice(1).join(' ')
    default: {
      const own = variables[person.mailbox] ?? byAddress(variables, person.mailbox)
      const value = isObject(own) ? own[name.slice('%recipient.'.length, -1)] : undefined
      if (value === undefined || value === null) return null
      return typeof value === 'object' ? JSON.stringify(value) : String(value)
    }
  }
}

/** As they were written, domains may differ in their letters' case. */
function byAddress(variables: Json, address: string): unknown {
  const small = address.toLowerCase()
  return Object.entries(variables).find(([name]) => name.toLowerCase() === small)?.[1]
}

/** Null: it would be too large. */
function ownOf(shared: Json, put: PutIn): Json | null {
  const own: Record<string, unknown> = {}
  for (const name of TEXTS) {
    const text = shared[name]
    if (typeof text !== 'string') continue
    const changed = put(text)
    if (changed === null) return null
    if (changed !== text) own[name] = changed
  }
  for (const name of FAMILIES) {
    const fields = shared[name]
    if (!isObject(fields)) continue
    const changed = Object.entries(fields).map(
      ([field, text]) => [field, typeof text === 'string' ? put(text) : text] as const,
    )
    if (changed.some(([, text]) => text === null)) return null
    own[name] = Object.fromEntries(changed)
  }
  return own
}
