//
// Owns: what the routes of /v1/keys say of themselves.

import { operation } from '../operation.ts'
import {
  KeyAnswer,
  KeyPath,
  Keys,
  KeysQuery,
  MadeKey,
  RevokeQuery,
  RotatedKey,
  RotateQuery,
} from '../schema/keys.ts'

const of = { params: KeyPath, problems: ['not_found', 'key_restricted', 'live_key_required'] } as const

export const LIST_KEYS = operation({
  summary: 'List keys',
  description: 'Also those that open nothing any more; `state` chooses. The newest first.',
  query: KeysQuery,
  answers: { 200: { description: 'A page of keys.', schema: Keys } },
})
export const MAKE_KEY = operation({
  summary: 'Make a key',
  description:
    'What is not said is as with the key that asks: it can give no more than it has itself. The secret is told here and never again.',
  bodyExample: { name: 'newsletter', scopes: ['email:send'], domains: ['example.com'] },
  problems: ['key_restricted'],
  answers: { 200: { description: 'The key, with its secret.', schema: MadeKey } },
})
export const GET_KEY = operation({
  summary: 'Get a key',
  params: KeyPath,
  problems: ['not_found'],
  answers: { 200: { description: 'The key.', schema: KeyAnswer } },
})
export const CHANGE_KEY = operation({
  summary: 'Change a key',
  description:
    'Its name, and what it may do. What is not named stays as it is. Counts at once here, within 5 seconds on other nodes.',
  ...of,
  bodyExample: { name: 'shop, staging', networks: ['192.0.2.0/24'] },
  answers: { 200: { description: 'The key as it is now.', schema: KeyAnswer } },
})
export const REVOKE_KEY = operation({
  summary: 'Revoke a key',
  description:
    'From now on it opens nothing. `queued` says what becomes of mail that it queued and that is not under way: `keep` (the default), `hold` or `drop`. It stays in the list.',
  ...of,
  query: RevokeQuery,
  answers: { 200: { description: 'The key as it is now.', schema: KeyAnswer } },
})
export const ROTATE_KEY = operation({
  summary: 'Rotate a key',
  description:
    'Makes a key that may do the same under the same name. The one before opens for `overlap` more (24 hours unless said, at most 30 days, 0s for at once), so that programs have time to change over.',
  ...of,
  query: RotateQuery,
  answers: { 200: { description: 'The new key with its secret, and the one before.', schema: RotatedKey } },
})
