//
// Owns: what the routes of /v1/webhooks say of themselves.

import { operation } from '../operation.ts'
import { Removed } from '../schema/suppressions.ts'
import {
  MadeWebhook,
  Posts,
  PostsQuery,
  Replayed,
  RotatedWebhook,
  TestedWebhook,
  WebhookAnswer,
  WebhookPath,
  Webhooks,
} from '../schema/webhooks.ts'

const of = { params: WebhookPath, problems: ['not_found'] } as const

export const LIST_WEBHOOKS = operation({
  summary: 'List webhooks',
  description: 'All of the account; there are never so many that they need pages.',
  answers: { 200: { description: 'The webhooks.', schema: Webhooks } },
})
export const ADD_WEBHOOK = operation({
  summary: 'Add a webhook',
  description: 'Who names no events gets the six usual ones. The secret is told here and never again.',
  bodyExample: { url: 'https://shop.example/hooks', events: ['email.delivered', 'email.bounced'] },
  answers: { 200: { description: 'The webhook, with its secret.', schema: MadeWebhook } },
})
export const GET_WEBHOOK = operation({
  summary: 'Get a webhook',
  ...of,
  answers: { 200: { description: 'The webhook.', schema: WebhookAnswer } },
})
export const CHANGE_WEBHOOK = operation({
  summary: 'Change a webhook',
  description: 'What is not named stays as it is.',
  ...of,
  bodyExample: { state: 'disabled' },
  answers: { 200: { description: 'The webhook as it is now.', schema: WebhookAnswer } },
})
export const REMOVE_WEBHOOK = operation({
  summary: 'Remove a webhook',
  ...of,
  answers: { 200: { description: 'It is gone.', schema: Removed, example: { success: true, removed: 1 } } },
})
export const ROTATE_SECRET = operation({
  summary: 'Rotate the secret of a webhook',
  description: 'Makes a new secret; posts are signed with both for a day.',
  ...of,
  answers: { 200: { description: 'The webhook, with its new secret.', schema: RotatedWebhook } },
})
export const TEST_WEBHOOK = operation({
  summary: 'Test a webhook',
  description: 'Posts a test event now, and answers with what came of it.',
  ...of,
  answers: { 200: { description: 'What the endpoint answered.', schema: TestedWebhook } },
})
export const LIST_POSTS = operation({
  summary: 'List the deliveries of a webhook',
  description: 'Each post with all its attempts, the newest first.',
  ...of,
  query: PostsQuery,
  answers: { 200: { description: 'A page of posts.', schema: Posts } },
})
export const REPLAY = operation({
  summary: 'Replay events to a webhook',
  description: 'Posts again: one event by `event_id`, or those from `since` to `until`.',
  ...of,
  bodyExample: { since: '2026-11-01', until: '2026-11-02' },
  answers: { 200: { description: 'How many are posted again.', schema: Replayed } },
})
