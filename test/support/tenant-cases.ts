//
// Owns: what B asks for of A's, by route.

import { MARK, type Things } from './tenants.ts'

export interface Case {
  readonly path: string
  readonly body?: unknown
  /**
   * `hidden`: as if it were not there, or not his. `own`: an answer about B alone. `refused`: not for keys of tenants.
   */
  readonly want: 'hidden' | 'own' | 'refused'
  /** What B says of A in another form. */
  readonly tells?: string
}

const own = (path: string, body?: unknown): Case => ({ path, body, want: 'own' })
const hidden = (path: string, body?: unknown): Case => ({ path, body, want: 'hidden' })
const refused = (path: string, body?: unknown): Case => ({ path, body, want: 'refused' })

export const letter = {
  from: 'shop@bystander.example',
  to: 'delivered@sandbox.mailwok.test',
  subject: 'b',
  text: 'b',
}
const THEIRS = { ...letter, from: `shop@${MARK}.example` }
const raw = (from: string) =>
  Buffer.from(`From: ${from}\r\nTo: x@y.example\r\nSubject: b\r\n\r\nb\r\n`).toString('base64')

/** By route: everything of A's that B could name there. */
export const CASES: Readonly<Record<string, (of: Things) => readonly Case[]>> = {
  'POST /v1/email/send': ({ template }) => [
    hidden('/email/send', THEIRS),
    hidden('/email/send', { ...letter, text: undefined, subject: undefined, template_id: template }),
    hidden('/email/send', { ...letter, text: undefined, subject: undefined, template_id: MARK }),
  ],
  'POST /v1/email/batch': ({ template }) => [
    hidden('/email/batch', {
      ...THEIRS,
      to: undefined,
      messages: [{ to: letter.to }],
      mode: 'strict',
    }),
    hidden('/email/batch', {
      ...{ from: letter.from, template_id: template, mode: 'strict' },
      messages: [{ to: letter.to }],
    }),
  ],
  'POST /v1/email/raw': ({ domain }) => [
    {
      ...hidden('/email/raw', { from: letter.from, to: letter.to, raw: raw(`shop@${domain}`) }),
      tells: domain,
    },
  ],
  'GET /v1/email': ({ domain }) => [
    own('/email'),
    own(`/email?tag=${MARK}`),
    own(`/email?subject=${MARK}`),
    own(`/email?from=shop@${domain}`),
  ],
  'GET /v1/email/:id': ({ message, scheduled }) => [
    hidden(`/email/${message}`),
    hidden(`/email/${scheduled}`),
  ],
  'GET /v1/email/:id/explain': ({ message }) => [hidden(`/email/${message}/explain`)],
  'GET /v1/email/:id/events': ({ message }) => [hidden(`/email/${message}/events`)],
  'GET /v1/email/:id/content': ({ message, scheduled }) => [
    hidden(`/email/${message}/content`),
    hidden(`/email/${scheduled}/content`),
  ],
  'PATCH /v1/email/:id': ({ scheduled }) => [
    hidden(`/email/${scheduled}`, { scheduled_at: '2026-01-02T12:00:00Z' }),
  ],
  'POST /v1/email/:id/cancel': ({ scheduled }) => [hidden(`/email/${scheduled}/cancel`)],
  'POST /v1/email/:id/retry': ({ scheduled }) => [hidden(`/email/${scheduled}/retry`)],
  'GET /v1/suppressions': () => [own('/suppressions'), own('/suppressions?domain=left.example')],
  'GET /v1/suppressions/:address': ({ address }) => [hidden(`/suppressions/${address}`)],
  'POST /v1/suppressions': () => [own('/suppressions', { address: 'mine@left.example' })],
  'POST /v1/suppressions/bulk': () => [
    own('/suppressions/bulk', { entries: [{ address: 'mine2@left.example' }] }),
  ],
  'POST /v1/suppressions/import': () => [
    own('/suppressions/import?dry_run=true', 'email,reason\nmine3@left.example,bounce\n'),
  ],
  'DELETE /v1/suppressions/:address': ({ address }) => [hidden(`/suppressions/${address}`)],
  'GET /v1/inbound': ({ route }) => [own('/inbound'), own(`/inbound?before=${route}`)],
  'GET /v1/inbound/:id': ({ route }) => [hidden(`/inbound/${route}`)],
  'POST /v1/inbound': ({ domain }) => [
    hidden('/inbound', { pattern: `*@${domain}`, action: 'forward', target: 'thief@bystander.example' }),
    hidden('/inbound', { pattern: `help@${domain}`, action: 'forward', target: 'thief@bystander.example' }),
  ],
  'POST /v1/inbound/:id/test': ({ route }) => [hidden(`/inbound/${route}/test`)],
  'PATCH /v1/inbound/:id': ({ route }) => [
    hidden(`/inbound/${route}`, { target: 'thief@bystander.example' }),
  ],
  'DELETE /v1/inbound/:id': ({ route }) => [hidden(`/inbound/${route}`)],
  'GET /v1/events': ({ message }) => [own('/events'), own(`/events?message_id=${message}`)],
  // Held open; below.
  'GET /v1/events/stream': () => [],
  'GET /v1/stats': ({ domain }) => [
    own('/stats'),
    own(`/stats?dimension=domain&name=${domain}`),
    own(`/stats?dimension=tag&name=${MARK}`),
  ],
  'GET /v1/stats/sending': () => [own('/stats/sending')],
  'GET /v1/webhooks': () => [own('/webhooks')],
  'POST /v1/webhooks': () => [own('/webhooks', { url: 'https://b.example/hook' })],
  'GET /v1/webhooks/:id': ({ webhook }) => [hidden(`/webhooks/${webhook}`)],
  'PATCH /v1/webhooks/:id': ({ webhook }) => [hidden(`/webhooks/${webhook}`, { state: 'disabled' })],
  'DELETE /v1/webhooks/:id': ({ webhook }) => [hidden(`/webhooks/${webhook}`)],
  'POST /v1/webhooks/:id/rotate': ({ webhook }) => [hidden(`/webhooks/${webhook}/rotate`)],
  'POST /v1/webhooks/:id/test': ({ webhook }) => [hidden(`/webhooks/${webhook}/test`)],
  'POST /v1/webhooks/:id/replay': ({ webhook }) => [
    hidden(`/webhooks/${webhook}/replay`, { since: '2026-01-01' }),
  ],
  'GET /v1/webhooks/:id/deliveries': ({ webhook }) => [hidden(`/webhooks/${webhook}/deliveries`)],
  'GET /v1/users': () => [own('/users')],
  'GET /v1/users/:id': ({ user }) => [hidden(`/users/${user}`)],
  'PATCH /v1/users/:id': ({ user }) => [hidden(`/users/${user}`, { role: 'admin' })],
  'DELETE /v1/users/:id': ({ user }) => [hidden(`/users/${user}`)],
  'GET /v1/invitations': () => [own('/invitations')],
  'POST /v1/invitations': () => [own('/invitations', { email: 'c@people.example', role: 'viewer' })],
  'DELETE /v1/invitations/:id': ({ invitation }) => [hidden(`/invitations/${invitation}`)],
  'GET /v1/audit': ({ key }) => [own('/audit'), own(`/audit?subject=${key}`)],
  'GET /v1/templates': () => [own('/templates')],
  'POST /v1/templates': () => [own('/templates', { name: 'mine', subject: 'b', text: 'b' })],
  'GET /v1/templates/:id': ({ template }) => [hidden(`/templates/${template}`), hidden(`/templates/${MARK}`)],
  'PATCH /v1/templates/:id': ({ template }) => [hidden(`/templates/${template}`, { name: 'stolen' })],
  'DELETE /v1/templates/:id': ({ template }) => [hidden(`/templates/${template}`)],
  'GET /v1/templates/:id/versions': ({ template }) => [hidden(`/templates/${template}/versions`)],
  'GET /v1/templates/:id/variables': ({ template }) => [hidden(`/templates/${template}/variables`)],
  'POST /v1/templates/:id/publish': ({ template }) => [hidden(`/templates/${template}/publish`, {})],
  'POST /v1/templates/:id/preview': ({ template }) => [
    hidden(`/templates/${template}/preview`, { data: {} }),
  ],
  'POST /v1/templates/translate': () => [own('/templates/translate', { from: 'sendgrid', text: 'b' })],
  'GET /v1/account': () => [own('/account')],
  'PATCH /v1/account': () => [own('/account', { time_zone: 'Europe/Paris' })],
  'GET /v1/accounts': () => [refused('/accounts')],
  'GET /v1/doctor': () => [refused('/doctor')],
  'POST /v1/doctor': () => [refused('/doctor', { depth: 'quick' })],
  'POST /v1/accounts': () => [refused('/accounts', { name: 'more' })],
  'GET /v1/accounts/:id': ({ account }) => [refused(`/accounts/${account}`), refused(`/accounts/bystander`)],
  'PATCH /v1/accounts/:id': ({ account }) => [refused(`/accounts/${account}`, { plan: 'free' })],
  'DELETE /v1/accounts/:id': ({ account }) => [refused(`/accounts/${account}?confirm=${MARK}`)],
  'POST /v1/accounts/:id/suspend': ({ account }) => [
    refused(`/accounts/${account}/suspend`, { reason: 'b' }),
  ],
  'POST /v1/accounts/:id/resume': ({ account }) => [refused(`/accounts/${account}/resume`)],
  'POST /v1/accounts/:id/keys': ({ account }) => [refused(`/accounts/${account}/keys`, { name: 'thief' })],
  'GET /v1/domains': () => [own('/domains')],
  'POST /v1/domains': ({ domain }) => [hidden('/domains', { name: domain })],
  'GET /v1/domains/:name': ({ domain }) => [hidden(`/domains/${domain}`)],
  'PATCH /v1/domains/:name': ({ domain }) => [hidden(`/domains/${domain}`, { track_opens: false })],
  'DELETE /v1/domains/:name': ({ domain }) => [hidden(`/domains/${domain}`)],
  'GET /v1/domains/:name/dns': ({ domain }) => [hidden(`/domains/${domain}/dns`)],
  'POST /v1/domains/:name/verify': ({ domain }) => [hidden(`/domains/${domain}/verify`)],
  'GET /v1/domains/:name/dkim': ({ domain }) => [hidden(`/domains/${domain}/dkim`)],
  'POST /v1/domains/:name/dkim/rotate': ({ domain }) => [hidden(`/domains/${domain}/dkim/rotate`)],
  'POST /v1/domains/:name/dkim/import': ({ domain }) => [
    hidden(`/domains/${domain}/dkim/import`, { selector: 's1', private_key: 'AAAA' }),
  ],
  'GET /v1/keys': ({ key }) => [own('/keys'), own(`/keys?before=${key}`)],
  'POST /v1/keys': () => [own('/keys', { name: 'mine' })],
  'GET /v1/keys/:id': ({ key }) => [hidden(`/keys/${key}`)],
  'PATCH /v1/keys/:id': ({ key }) => [hidden(`/keys/${key}`, { scopes: ['email:read'] })],
  'POST /v1/keys/:id/rotate': ({ key }) => [hidden(`/keys/${key}/rotate`)],
  'DELETE /v1/keys/:id': ({ key }) => [hidden(`/keys/${key}`)],
}
