//
// Owns: reading MTA-STS: the TXT record that announces a policy, and the policy itself (RFC 8461 §3). Pure.
// Never: fetches or remembers; sts.ts does.

import { parseDomain } from '../../core/address.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'

export interface StsPolicy {
  readonly mode: 'enforce' | 'testing' | 'none'
  /** Lower case; `*.` stands for exactly one label. Empty only where the mode is `none`. */
  readonly mx: readonly string[]
  readonly maxAge: Milliseconds
}

/** RFC 8461 §3.2: about a year. */
const MAX_AGE_SECONDS = 31_557_600
/** Far more than anybody's MX hosts. */
const MAX_PATTERNS = 500

/**
 * The id, or null where no policy is announced. More than one record of this version is as good as none (§3.1); records
 * of something else at this name do not count.
 */
export function announcedId(texts: readonly string[]): string | null {
  const records = texts.filter((text) => /^v=STSv1[ \t]*(?:;|$)/.test(text))
  const [record] = records
  if (record === undefined || records.length > 1) return null
  for (const field of record.split(';').slice(1)) {
    const id = /^[ \t]*id[ \t]*=[ \t]*([a-zA-Z0-9]{1,32})[ \t]*$/.exec(field)?.[1]
    if (id !== undefined) return id
  }
  return null
}

/** The fault says what is wrong with it. Unknown keys are for later versions and are passed over (§3.2). */
export function parseStsPolicy(body: string): Result<StsPolicy, string> {
  const fields = new Map<string, string>()
  const mx = new Set<string>()
  for (const line of body.split(/\r?\n/)) {
    const [, key, value] = /^[ \t]*([a-zA-Z0-9][a-zA-Z0-9_.-]*)[ \t]*:[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    if (key === undefined || value === undefined) {
      if (line.trim() === '') continue
      return fault(`this line is no field: ${quoted(line)}`)
    }
    if (key === 'mx') {
      const pattern = parsePattern(value)
      if (pattern === null) return fault(`mx: ${quoted(value)} is no host name`)
      if (mx.add(pattern).size > MAX_PATTERNS) return fault(`more than ${MAX_PATTERNS} mx fields`)
    }
    // Of what may stand once, the first counts.
    else if (!fields.has(key)) fields.set(key, value)
  }
  return fromFields(fields, [...mx])
}

function fromFields(fields: ReadonlyMap<string, string>, mx: readonly string[]): Result<StsPolicy, string> {
  const version = fields.get('version')
  if (version !== 'STSv1') return fault(`version: ${quoted(version ?? '')}; want STSv1`)
  const mode = fields.get('mode')
  if (mode !== 'enforce' && mode !== 'testing' && mode !== 'none') {
    return fault(`mode: ${quoted(mode ?? '')}; want enforce, testing or none`)
  }
  const age = fields.get('max_age') ?? ''
  if (!/^\d{1,10}$/.test(age)) return fault(`max_age: ${quoted(age)}; want a number of seconds`)
  if (mode !== 'none' && mx.length === 0) return fault('no mx field')
  return ok({ mode, mx, maxAge: Math.min(Number(age), MAX_AGE_SECONDS) * SECOND })
}

function parsePattern(value: string): string | null {
  const name = parseDomain(value.replace(/^\*\./, '').replace(/\.$/, ''))
  if (!name.ok) return null
  return value.startsWith('*.') ? `*.${name.value}` : name.value
}

/** RFC 8461 §4.1: a wildcard is the whole left-most label and stands for exactly one. */
export function matchesPolicy(exchange: string, patterns: readonly string[]): boolean {
  const parent = exchange.slice(exchange.indexOf('.') + 1)
  return patterns.some((pattern) => pattern === exchange || pattern === `*.${parent}`)
}

/** What strangers wrote goes into logs and reports: short, and as JSON. */
const quoted = (text: string): string => JSON.stringify(text.slice(0, 60))
