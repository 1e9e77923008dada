//
// Owns: what an account keeps, its sending domains and templates, asked of MailWok's API for vendors to put in their words.

import type { domainView, recordView } from '../../services/domains/view.ts'
import type { sourceView, templateView } from '../../services/templates/view.ts'
import type { Native, NativeAnswer } from './native.ts'

export type NativeDomain = ReturnType<typeof domainView>
export type NativeRecord = ReturnType<typeof recordView>
export type NativeTemplate = ReturnType<typeof templateView>
export type WholeTemplate = NativeTemplate & ReturnType<typeof sourceView> & { readonly version: number }

export interface DomainAndRecords {
  readonly domain: NativeDomain
  readonly records: readonly NativeRecord[]
}

export interface PageOf<T> {
  readonly data: readonly T[]
  readonly has_more: boolean
}

const queryOf = (query: Readonly<Record<string, string>>): string => {
  const text = new URLSearchParams(query).toString()
  return text === '' ? '' : `?${text}`
}

export const domainsOf = (native: Native, query: Readonly<Record<string, string>> = {}) =>
  native.ask<PageOf<NativeDomain>>({ method: 'GET', path: `/v1/domains${queryOf(query)}` })

const domainPath = (name: string): string => `/v1/domains/${encodeURIComponent(name)}`

export const domainOf = (native: Native, name: string): Promise<NativeAnswer<DomainAndRecords>> =>
  native.ask<DomainAndRecords>({ method: 'GET', path: `${domainPath(name)}/dns` })

export const domainVerified = (native: Native, name: string): Promise<NativeAnswer<DomainAndRecords>> =>
  native.ask<DomainAndRecords>({ method: 'POST', path: `${domainPath(name)}/verify` })

export const domainRemoved = (native: Native, name: string) =>
  native.ask({ method: 'DELETE', path: domainPath(name) })

export const domainChanged = (native: Native, name: string, body: object) =>
  native.ask({ method: 'PATCH', path: domainPath(name), body })

export const domainAdded = (native: Native, body: object): Promise<NativeAnswer<DomainAndRecords>> =>
  native.ask<DomainAndRecords>({ method: 'POST', path: '/v1/domains', body })

/** What stands before the domain in the name of its tracking host. */
export const trackingLabel = ({ name, tracking_host: host }: NativeDomain): string =>
  host.slice(0, -name.length - 1)

/** Vendors show the preference of an MX beside its host. */
export function inPieces({ type, value }: NativeRecord): {
  readonly priority?: string
  readonly value: string
} {
  const [, priority, host] = (type === 'MX' && /^(\d+) (.+)$/.exec(value)) || []
  return priority === undefined || host === undefined ? { value } : { priority, value: host }
}

/** Templates alone; layouts and partials are part of those. */
export const templatesOf = (native: Native, query: Readonly<Record<string, string>> = {}) =>
  native.ask<PageOf<NativeTemplate>>({
    method: 'GET',
    path: `/v1/templates${queryOf({ kind: 'template', ...query })}`,
  })

/** As it is sent; where nothing is published, as it was last written. */
export async function templateOf(native: Native, name: string): Promise<NativeAnswer<WholeTemplate>> {
  const path = `/v1/templates/${encodeURIComponent(name)}`
  const newest = await native.ask<{ readonly template: WholeTemplate }>({ method: 'GET', path })
  if (!newest.ok) return newest
  const { published_version: published, version } = newest.value.template
  if (published === null || published === version) return { ok: true, value: newest.value.template }
  const sent = await native.ask<{ readonly template: WholeTemplate }>({
    method: 'GET',
    path: `${path}?version=${published}`,
  })
  return sent.ok ? { ok: true, value: sent.value.template } : sent
}

/** Of a template that is written in MJML, what stands there is MJML. */
export const htmlOf = ({ html, mjml }: WholeTemplate): string => html ?? mjml ?? ''
