//
// Owns: what Postmark's clients read of a server: its templates, its streams, and that its token works.

import type { FieldFault } from '../../../services/submission/refusal.ts'
import { htmlOf, type NativeTemplate, templateOf, templatesOf } from '../kept.ts'
import { notAvailable, notHere, wrong } from '../trouble.ts'
import type { Answer, Ask, Route } from '../vendor.ts'

export const SERVER: readonly Route[] = [
  { method: 'GET', path: '/templates', answer: list },
  { method: 'GET', path: '/templates/:id', answer: get },
  { method: 'GET', path: '/message-streams', answer: streams },
  { method: 'GET', path: '/message-streams/:id', answer: stream },
  { method: 'GET', path: '/server', answer: server },
]

/** Templates have no number here: 0 is none, and sends name an alias. */
const templateView = (template: NativeTemplate) => ({
  Active: template.published_version !== null,
  TemplateId: 0,
  Name: template.name,
  Alias: template.name,
  TemplateType: 'Standard',
  LayoutTemplate: null,
})

const MOST = 200

async function list({ native, url }: Ask): Promise<Answer> {
  const faults: FieldFault[] = []
  let isLayout = false
  let limit = MOST
  for (const [name, value] of url.searchParams) {
    const small = name.toLowerCase()
    if (small === 'count' && /^\d{1,4}$/.test(value)) limit = Math.min(Number(value), MOST)
    else if (small === 'templatetype' && ['All', 'Standard', 'Layout'].includes(value))
      isLayout = value === 'Layout'
    else if (!(small === 'offset' && value === '0')) {
      const message = 'is not looked for here; use GET /v1/templates'
      faults.push(notAvailable(name, message))
    }
  }
  if (faults.length > 0) return { trouble: wrong(faults) }
  const query = { limit: String(Math.max(limit, 1)), ...(isLayout ? { kind: 'layout' } : {}) }
  const page = await templatesOf(native, query)
  if (!page.ok) return { trouble: page.error }
  const Templates = page.value.data.slice(0, limit).map((one) => ({
    ...templateView(one),
    TemplateType: isLayout ? 'Layout' : 'Standard',
  }))
  return Response.json({ TotalCount: page.value.data.length + (page.value.has_more ? 1 : 0), Templates })
}

/** Its words are in Liquid, whatever they were in before. */
async function get({ native, params }: Ask): Promise<Answer> {
  const [name = ''] = params
  if (/^\d+$/.test(name)) {
    return { trouble: notHere('Templates have no number here; name one by its alias.') }
  }
  const found = await templateOf(native, name)
  if (!found.ok) return { trouble: found.error }
  return Response.json({
    ...templateView(found.value),
    AssociatedServerId: 0,
    Subject: found.value.subject ?? '',
    HtmlBody: htmlOf(found.value),
    TextBody: found.value.text ?? '',
  })
}

const STREAMS = [
  { ID: 'outbound', Name: 'Transactional', MessageStreamType: 'Transactional', by: 'None' },
  { ID: 'broadcast', Name: 'Marketing', MessageStreamType: 'Broadcasts', by: 'Postmark' },
].map(({ by, ...one }) => ({
  ...one,
  ServerID: 0,
  Description: '',
  CreatedAt: '1970-01-01T00:00:00Z',
  UpdatedAt: null,
  ArchivedAt: null,
  ExpectedPurgeDate: null,
  SubscriptionManagementConfiguration: { UnsubscribeHandlingType: by },
}))

/** Which are there does not depend on who asks; that he may ask has been seen. */
function streams({ url }: Ask): Answer {
  const type = url.searchParams.get('MessageStreamType') ?? url.searchParams.get('messageStreamType') ?? 'All'
  const MessageStreams = STREAMS.filter((one) => type === 'All' || one.MessageStreamType === type)
  return Response.json({ MessageStreams, TotalCount: MessageStreams.length })
}

function stream({ params }: Ask): Answer {
  const found = STREAMS.find(({ ID }) => ID === params[0])
  return found ? Response.json(found) : { trouble: notHere('There are the streams outbound and broadcast.') }
}

/** The account of the key; tokens are never shown. */
async function server({ native, url }: Ask): Promise<Answer> {
  const asked = await native.ask<{ readonly account: { readonly name: string } }>({
    method: 'GET',
    path: '/v1/account',
  })
  if (!asked.ok) return { trouble: asked.error }
  return Response.json({
    ID: 0,
    Name: asked.value.account.name,
    ApiTokens: [],
    ServerLink: url.origin,
    Color: 'Grey',
    SmtpApiActivated: true,
    RawEmailEnabled: false,
    DeliveryType: 'Live',
    InboundAddress: '',
    InboundHookUrl: '',
    BounceHookUrl: '',
    OpenHookUrl: '',
    DeliveryHookUrl: '',
    ClickHookUrl: '',
    PostFirstOpenOnly: false,
    InboundDomain: '',
    InboundHash: '',
    InboundSpamThreshold: 0,
    TrackOpens: true,
    TrackLinks: 'HtmlOnly',
    IncludeBounceContentInHook: false,
    EnableSmtpApiErrorHooks: false,
  })
}
