//
// Owns: Mailgun's domains and templates, to be read: /v3 and /v4/domains, /v3/{domain}/templates.

import {
  type DomainAndRecords,
  domainOf,
  domainsOf,
  domainVerified,
  htmlOf,
  inPieces,
  type NativeDomain,
  type NativeRecord,
  type NativeTemplate,
  templateOf,
  templatesOf,
  trackingLabel,
  type WholeTemplate,
} from '../kept.ts'
import type { NativeAnswer } from '../native.ts'
import { notAvailable, wrong } from '../trouble.ts'
import type { Answer, Ask, Route } from '../vendor.ts'

const ofDomains = (version: string): Route[] => [
  { method: 'GET', path: `/${version}/domains`, answer: list },
  {
    method: 'GET',
    path: `/${version}/domains/:name`,
    answer: async ({ native, params }) => one(await domainOf(native, params[0] ?? '')),
  },
  {
    method: 'PUT',
    path: `/${version}/domains/:name/verify`,
    answer: async ({ native, params }) => one(await domainVerified(native, params[0] ?? '')),
  },
]

export const DOMAINS: readonly Route[] = [
  ...ofDomains('v3'),
  ...ofDomains('v4'),
  { method: 'GET', path: '/v3/:domain/templates', answer: listTemplates },
  { method: 'GET', path: '/v3/:domain/templates/:name', answer: getTemplate },
]

const date = (iso: string): string => new Date(iso).toUTCString()

const domainView = (domain: NativeDomain) => ({
  id: domain.name,
  name: domain.name,
  state: domain.verified ? 'active' : 'unverified',
  created_at: date(domain.created_at),
  is_disabled: false,
  require_tls: false,
  skip_verification: false,
  spam_action: 'disabled',
  type: 'custom',
  web_prefix: trackingLabel(domain),
  web_scheme: 'https',
  wildcard: false,
})

function recordView(record: NativeRecord) {
  const { priority, value } = inPieces(record)
  return {
    cached: record.found,
    is_active: record.state === 'ok',
    name: record.name,
    record_type: record.type,
    valid: record.state === 'ok' ? 'valid' : 'unknown',
    value,
    ...(priority === undefined ? {} : { priority }),
  }
}

async function list({ native, url }: Ask): Promise<Answer> {
  const query = url.searchParams
  const strange = [...query].find(([name, value]) => name !== 'limit' && !(name === 'skip' && value === '0'))
  if (strange !== undefined) {
    const message = 'is not looked for here; use GET /v1/domains'
    return {
      trouble: wrong([notAvailable(strange[0], message)]),
    }
  }
  const page = await domainsOf(native, { limit: query.get('limit') ?? '100' })
  if (!page.ok) return { trouble: page.error }
  const { data, has_more } = page.value
  // One more than are shown says that there are more.
  return Response.json({ total_count: data.length + (has_more ? 1 : 0), items: data.map(domainView) })
}

/** Mail that comes in is no matter of these records. */
function one(found: NativeAnswer<DomainAndRecords>): Answer {
  if (!found.ok) return { trouble: found.error }
  const { domain, records } = found.value
  return Response.json({
    domain: domainView(domain),
    receiving_dns_records: [],
    sending_dns_records: records.map(recordView),
  })
}

const templateView = (template: NativeTemplate) => ({
  name: template.name,
  description: '',
  createdAt: date(template.created_at),
  createdBy: '',
  id: template.id,
})

const versionView = (template: WholeTemplate) => ({
  tag: String(template.version),
  template: htmlOf(template),
  // Its words are in Liquid, whatever they were in before.
  engine: 'liquid',
  mjml: template.mjml ?? '',
  createdAt: date(template.updated_at),
  comment: '',
  active: template.version === template.published_version,
  id: `${template.id}:${template.version}`,
  headers: template.subject === null ? {} : { Subject: template.subject },
})

async function listTemplates({ native, params, url }: Ask): Promise<Answer> {
  const query = url.searchParams
  for (const name of query.keys()) {
    if (['page', 'limit', 'p'].includes(name)) continue
    const message = 'is not looked for here; use GET /v1/templates'
    return { trouble: wrong([notAvailable(name, message)]) }
  }
  const limit = query.get('limit') ?? '10'
  const mark = query.get('p') ?? ''
  const page = await templatesOf(native, { limit, ...(mark === '' ? {} : { after: mark }) })
  if (!page.ok) return { trouble: page.error }
  const link = (after: string): string => {
    const asked = new URLSearchParams({ page: 'next', p: after, limit })
    return `${url.origin}/compat/mailgun/v3/${encodeURIComponent(params[0] ?? '')}/templates?${asked}`
  }
  const { data } = page.value
  const next = link(data.at(-1)?.id ?? mark)
  return Response.json({
    items: data.map(templateView),
    paging: { first: link(''), previous: link(''), next, last: next },
  })
}

async function getTemplate({ native, params, url }: Ask): Promise<Answer> {
  const found = await templateOf(native, params[1] ?? '')
  if (!found.ok) return { trouble: found.error }
  const version = url.searchParams.get('active') === 'yes' ? { version: versionView(found.value) } : {}
  return Response.json({ template: { ...templateView(found.value), ...version } })
}
