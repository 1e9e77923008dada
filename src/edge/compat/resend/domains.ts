//
// Owns: /compat/resend/domains and /compat/resend/templates. A domain's id is its name; a template's id its own.

import type { FieldFault } from '../../../services/submission/refusal.ts'
import { Fields, type FieldTable } from '../fields.ts'
import {
  type DomainAndRecords,
  domainAdded,
  domainChanged,
  domainOf,
  domainRemoved,
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
} from '../kept.ts'
import { notAvailable, wrong } from '../trouble.ts'
import { objectAt, said } from '../values.ts'
import type { Answer, Ask, Route } from '../vendor.ts'

export const DOMAINS: readonly Route[] = [
  { method: 'GET', path: '/domains', answer: list },
  { method: 'POST', path: '/domains', answer: add },
  { method: 'GET', path: '/domains/:id', answer: get },
  { method: 'PATCH', path: '/domains/:id', answer: change },
  { method: 'DELETE', path: '/domains/:id', answer: remove },
  { method: 'POST', path: '/domains/:id/verify', answer: verify },
  { method: 'GET', path: '/templates', answer: listTemplates },
  { method: 'GET', path: '/templates/:id', answer: getTemplate },
]

/** `limit`, `after` and `before`, as there. */
function pageIn(url: URL, faults: FieldFault[]): Record<string, string> {
  const query: Record<string, string> = {}
  for (const [name, value] of url.searchParams) {
    if (['limit', 'after', 'before'].includes(name)) query[name] = value
    else faults.push(notAvailable(name, 'is not known here'))
  }
  return query
}

const STATES = { pending: 'pending', verified: 'verified', failing: 'temporary_failure' } as const

const domainView = (domain: NativeDomain) => ({
  id: domain.name,
  name: domain.name,
  status: STATES[domain.status],
  created_at: domain.created_at,
  region: 'self-hosted',
  open_tracking: domain.track_opens,
  click_tracking: domain.track_clicks,
  tracking_subdomain: trackingLabel(domain),
  capabilities: { sending: 'enabled', receiving: 'disabled' },
})

/** His word for what a record is of. */
function kindOf({ name, type, value }: NativeRecord): string {
  if (name.includes('._domainkey.')) return 'DKIM'
  if (name.startsWith('_dmarc.')) return 'DMARC'
  if (type === 'CNAME') return 'Tracking'
  return type === 'MX' || value.startsWith('v=spf1') ? 'SPF' : type
}

function recordView(record: NativeRecord) {
  const { priority, value } = inPieces(record)
  const isSeen = record.state === 'ok'
  return {
    record: kindOf(record),
    name: record.relative_name,
    type: record.type,
    ttl: 'Auto',
    status: isSeen ? 'verified' : record.state === 'unchecked' ? 'not_started' : 'pending',
    value,
    ...(priority === undefined ? {} : { priority: Number(priority) }),
  }
}

const wholeView = ({ domain, records }: DomainAndRecords) => ({
  ...domainView(domain),
  records: records.map(recordView),
})

async function list({ native, url }: Ask): Promise<Answer> {
  const faults: FieldFault[] = []
  const query = pageIn(url, faults)
  if (faults.length > 0) return { trouble: wrong(faults) }
  const page = await domainsOf(native, query)
  if (!page.ok) return { trouble: page.error }
  const { data, has_more } = page.value
  return Response.json({ object: 'list', has_more, data: data.map(domainView) })
}

async function get({ native, params }: Ask): Promise<Answer> {
  const found = await domainOf(native, params[0] ?? '')
  if (!found.ok) return { trouble: found.error }
  return Response.json({ object: 'domain', ...wholeView(found.value) })
}

async function verify({ native, params }: Ask): Promise<Answer> {
  const [id = ''] = params
  const seen = await domainVerified(native, id)
  return seen.ok ? Response.json({ object: 'domain', id }) : { trouble: seen.error }
}

async function remove({ native, params }: Ask): Promise<Answer> {
  const [id = ''] = params
  const gone = await domainRemoved(native, id)
  return gone.ok ? Response.json({ object: 'domain', id, deleted: true }) : { trouble: gone.error }
}

const CHANGES: FieldTable = {
  open_tracking: { to: 'track_opens', example: true },
  click_tracking: { to: 'track_clicks', example: true },
  tracking_subdomain: { to: 'tracking_host', example: 'links' },
  tls: {
    refused: 'is a matter of the receiving domain: [tls] of the configuration, MTA-STS and DANE',
    example: 'enforced',
    harmless: ['opportunistic'],
  },
  'capabilities.sending': { refused: 'is always there', example: 'disabled', harmless: ['enabled'] },
  'capabilities.receiving': {
    refused: 'is not known here: incoming mail is routed by /v1/inbound',
    example: 'enabled',
    harmless: ['disabled'],
  },
}
const NEW: FieldTable = {
  name: { to: 'name', example: 'example.com' },
  ...CHANGES,
  region: { refused: 'is not known here: mail leaves from this server', example: 'us-east-1' },
  custom_return_path: { refused: 'is not known here: the return path is bounce.<domain>', example: 'send' },
}
const IN_NEW = new Fields(NEW)
const IN_CHANGE = new Fields(CHANGES)

function changeIn(body: unknown, name: string, faults: FieldFault[]): object {
  const { click_tracking, open_tracking, tracking_subdomain: below } = objectAt(body, 'the body', faults)
  return said({
    track_opens: open_tracking,
    track_clicks: click_tracking,
    tracking_host: typeof below === 'string' ? `${below}.${name}` : below,
  })
}

async function add({ body, native }: Ask): Promise<Answer> {
  const faults = IN_NEW.faults(body)
  const name = objectAt(body, 'the body', faults)['name']
  if (typeof name !== 'string') faults.push({ path: 'name', code: 'required', message: 'is required' })
  const wanted = { name, ...changeIn(body, String(name), faults) }
  if (faults.length > 0) return { trouble: wrong(faults) }
  const made = await domainAdded(native, wanted)
  return made.ok ? Response.json(wholeView(made.value), { status: 201 }) : { trouble: made.error }
}

async function change({ body, native, params }: Ask): Promise<Answer> {
  const [id = ''] = params
  const faults = IN_CHANGE.faults(body)
  const wanted = changeIn(body, id, faults)
  if (faults.length > 0) return { trouble: wrong(faults) }
  const changed = await domainChanged(native, id, wanted)
  return changed.ok ? Response.json({ object: 'domain', id }) : { trouble: changed.error }
}

const templateView = (template: NativeTemplate) => ({
  id: template.id,
  name: template.name,
  alias: template.name,
  status: template.published_version === null ? 'draft' : 'published',
  created_at: template.created_at,
  updated_at: template.updated_at,
  published_at: template.published_version === null ? null : template.updated_at,
})

async function listTemplates({ native, url }: Ask): Promise<Answer> {
  const faults: FieldFault[] = []
  const query = pageIn(url, faults)
  if (faults.length > 0) return { trouble: wrong(faults) }
  const page = await templatesOf(native, query)
  if (!page.ok) return { trouble: page.error }
  const { data, has_more } = page.value
  return Response.json({ object: 'list', has_more, data: data.map(templateView) })
}

/** Its words are in Liquid, whatever they were in before. */
async function getTemplate({ native, params }: Ask): Promise<Answer> {
  const found = await templateOf(native, params[0] ?? '')
  if (!found.ok) return { trouble: found.error }
  const template = found.value
  return Response.json({
    object: 'template',
    ...templateView(template),
    from: null,
    reply_to: null,
    subject: template.subject,
    html: htmlOf(template),
    text: template.text,
    variables: [],
    has_unpublished_versions: template.published_version !== template.newest_version,
  })
}
