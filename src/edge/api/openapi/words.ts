//
// Owns: what the OpenAPI document says beside its routes: the introduction, and the parts of the API in their order.

import type { Json } from './plain.ts'

export const INTRODUCTION = `Send mail, see what became of it, and keep who must not be written to.

Every request carries a key: \`Authorization: Bearer mwk_live_…\`. Keys that begin with \`mwk_test_\` accept everything and
deliver nothing. JSON in UTF-8 both ways; unknown fields are refused with the nearest known one. Errors have one shape and
a closed list of codes. Lists answer \`{"success", "data", "has_more"}\`.`

/** The first segment of a path, its name and what it is about. Whatever is not here comes last, under its own name. */
const PARTS: readonly (readonly [segment: string, name: string, about: string])[] = [
  ['email', 'Email', 'Send messages, one or many, and see what became of them.'],
  ['templates', 'Templates', 'Texts that are kept here and sent with data of their own.'],
  ['events', 'Events', 'What happened, page by page and as it happens.'],
  ['webhooks', 'Webhooks', 'Where events are posted to.'],
  ['suppressions', 'Suppressions', 'Who must not be written to.'],
  ['domains', 'Domains', 'From which domains mail is sent, and the DNS records that this needs.'],
  ['inbound', 'Inbound', 'Mail that comes in, and where it is posted to.'],
  ['stats', 'Statistics', 'What became of mail in figures.'],
  ['account', 'Account', 'The account itself.'],
  ['accounts', 'Accounts', 'All accounts, for the operator.'],
  ['keys', 'Keys', 'API keys, with what each may do.'],
  ['users', 'Users', 'People, with what each may do.'],
  ['sessions', 'Sessions', 'People who are logged in.'],
  ['invitations', 'Invitations', 'People who are asked to join.'],
  ['audit', 'Audit', 'Who changed what.'],
  ['', 'Health', 'For load balancers; no key is needed.'],
]

const segmentOf = (path: string): string => /^\/v1\/([^/]+)/.exec(path)?.[1]?.replace(/\.\w+$/, '') ?? ''

export function tagOf(path: string): string {
  const segment = segmentOf(path)
  const named = PARTS.find(([one]) => one === segment)?.[1]
  return named ?? `${segment.charAt(0).toUpperCase()}${segment.slice(1)}`
}

export function tagsOf(used: ReadonlySet<string>): readonly Json[] {
  const known = PARTS.filter(([, name]) => used.has(name) || name === 'Webhooks')
  const others = [...used].filter((name) => !PARTS.some(([, known]) => known === name)).sort()
  return [
    ...known.map(([, name, description]) => ({ name, description })),
    ...others.map((name) => ({ name })),
  ]
}
