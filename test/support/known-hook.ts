//
// Owns: a webhook as the book knows it, without a store.

import { parseWebhookId } from '../../src/core/webhook.ts'
import type { KnownWebhook } from '../../src/services/webhooks/book.ts'
import { ACCOUNT } from '../store/contract/samples.ts'

export function knownHook(over: Partial<KnownWebhook>): KnownWebhook {
  const id = parseWebhookId('whk_000000000001')
  if (id === null) throw new Error('no id')
  const hook: KnownWebhook = {
    id,
    accountId: ACCOUNT,
    url: 'https://shop.example/',
    events: ['email.delivered'],
    note: '',
    format: 'mailwok',
    state: 'enabled',
    reason: '',
    createdAt: 0,
    failingSince: null,
    secret: new Uint8Array(),
    previousSecret: null,
    previousUntil: null,
    endpoint: '',
    wanted: new Set(),
    key: Buffer.alloc(32, 1),
    previousKey: null,
    ...over,
  }
  return { ...hook, endpoint: `${hook.id} ${hook.url}`, wanted: new Set(hook.events) }
}
