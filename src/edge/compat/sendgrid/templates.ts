//
// Owns: SendGrid's dynamic templates, to be read: /v3/templates. Each has one version here, that which is sent.

import type { FieldFault } from '../../../services/submission/refusal.ts'
import { htmlOf, type NativeTemplate, templateOf, templatesOf, type WholeTemplate } from '../kept.ts'
import { notAvailable, wrong } from '../trouble.ts'
import type { Answer, Ask, Route } from '../vendor.ts'

export const TEMPLATES: readonly Route[] = [
  { method: 'GET', path: '/v3/templates', answer: list },
  { method: 'GET', path: '/v3/templates/:id', answer: get },
]

const time = (iso: string): string => iso.replace('T', ' ').replace(/\.\d+Z$|Z$/, '')

const head = (template: NativeTemplate) => ({
  id: template.id,
  name: template.name,
  generation: 'dynamic',
  updated_at: time(template.updated_at),
})

const versionHead = (template: NativeTemplate) => ({
  id: `${template.id}:${template.published_version ?? template.newest_version}`,
  template_id: template.id,
  active: template.published_version === null ? 0 : 1,
  name: template.name,
  updated_at: time(template.updated_at),
  editor: 'code',
})

/** Its words are in Liquid, whatever they were in before. */
const wholeVersion = (template: WholeTemplate) => ({
  ...versionHead(template),
  subject: template.subject ?? '',
  html_content: htmlOf(template),
  plain_content: template.text ?? '',
  generate_plain_content: template.text === null,
})

async function list({ native, url }: Ask): Promise<Answer> {
  const faults: FieldFault[] = []
  const query = url.searchParams
  for (const name of query.keys()) {
    if (['generations', 'page_size', 'page_token'].includes(name)) continue
    faults.push(notAvailable(name, 'is not known here'))
  }
  if (faults.length > 0) return { trouble: wrong(faults) }
  // Of his first generation there are none here.
  const isLegacy = query.get('generations') === 'legacy'
  const limit = query.get('page_size') ?? '200'
  const after = query.get('page_token') ?? ''
  const page = await templatesOf(native, { limit, ...(after === '' ? {} : { after }) })
  if (!page.ok) return { trouble: page.error }
  const shown = isLegacy ? [] : page.value.data
  const templates = shown.map((one) => ({ ...head(one), versions: [versionHead(one)] }))
  const last = shown.at(-1)
  const link = (token: string) =>
    `${url.origin}/compat/sendgrid/v3/templates?${new URLSearchParams({ generations: 'dynamic', page_size: limit, page_token: token })}`
  const next = page.value.has_more && last ? { next: link(last.id) } : {}
  // Both of his names of the list: the second is that of requests without a page size.
  const _metadata = { self: link(after), count: templates.length, ...next }
  return Response.json({ result: templates, templates, _metadata })
}

async function get({ native, params }: Ask): Promise<Answer> {
  const found = await templateOf(native, params[0] ?? '')
  if (!found.ok) return { trouble: found.error }
  return Response.json({ ...head(found.value), versions: [wholeVersion(found.value)] })
}
