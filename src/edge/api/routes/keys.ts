//
// Owns: /v1/keys: making, limiting, rotating and revoking the keys of an account. A key gives no more than it has, and
// touches no key that has more.

import { Elysia } from 'elysia'
import type { ApiKey } from '../../../core/account.ts'
import { fault, ok, type Result } from '../../../core/result.ts'
import { beyond } from '../../../services/accounts/key-access.ts'
import { keyState, keyView } from '../../../services/accounts/key-view.ts'
import { MAX_KEYS_OF_ACCOUNT } from '../../../services/accounts/keys.ts'
import { storeRefusal } from '../../../services/submission/store-refusal.ts'
import type { StoreFault } from '../../../store/store-fault.ts'
import { freshCaller } from '../fresh-caller.ts'
import { accessProblem, readLimits } from '../key-limits.ts'
import { CHANGE_KEY, GET_KEY, LIST_KEYS, MAKE_KEY, REVOKE_KEY, ROTATE_KEY } from '../operations/keys.ts'
import { pageOf } from '../page.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { fromRefusal, LIVE_KEY_REQUIRED, noSuch, type Problem } from '../problem.ts'
import { durationIn, invalid } from '../query.ts'
import { readQuery } from '../read-query.ts'
import { say } from '../say.ts'
import { ChangeKeyBody, KeysQuery, NewKeyBody, RevokeQuery, RotateQuery } from '../schema/keys.ts'

type CallerOf = (request: Request) => Caller

/** Long enough for every release cycle; who needs more wants two keys. */
const LONGEST_OVERLAP = 30 * 86_400_000

export function keyRoutes(parts: ApiParts, callerOf: CallerOf) {
  return new Elysia({ prefix: '/v1/keys', name: 'keys', normalize: false })
    .use(readRoutes(parts, callerOf))
    .use(changeRoutes(parts, callerOf))
    .use(endRoutes(parts, callerOf))
}

function readRoutes(parts: ApiParts, callerOf: CallerOf) {
  const viewOf = (key: ApiKey) => keyView(key, parts.clock.now())
  return new Elysia({ name: 'keys-read', normalize: false })
    .get(
      '',
      async ({ request, set }) => {
        const ask = readQuery(request, KeysQuery)
        if (!ask.ok) return say(ask.error, set, parts.ids)
        const { limit = 100, state, ...marks } = ask.value
        const all = await parts.keys.list(callerOf(request).key.accountId)
        const now = parts.clock.now()
        const wanted = all.filter((key) => state === undefined || keyState(key, now) === state)
        const page = pageOf(wanted, { limit, ...marks })
        return { success: true, data: page.data.map(viewOf), has_more: page.has_more } as const
      },
      { ...LIST_KEYS },
    )
    .get(
      '/:id',
      async ({ params, request, set }) => {
        const named = params.id ?? ''
        const key = await parts.keys.get(named, callerOf(request).key.accountId)
        if (!key) return say(noSuch('key', named), set, parts.ids)
        return { success: true, key: viewOf(key) } as const
      },
      { ...GET_KEY },
    )
}

function changeRoutes(parts: ApiParts, callerOf: CallerOf) {
  return new Elysia({ name: 'keys-change', normalize: false })
    .post(
      '',
      async ({ body, request, set }) => {
        const asking = await askingNow(parts, callerOf(request), request)
        if (!asking.ok) return say(asking.error, set, parts.ids)
        const own = asking.value
        const { name, mode = own.mode, ...limits } = body
        const access = readLimits(limits, inherited(own), parts.clock.now())
        if (!access.ok) return say(access.error, set, parts.ids)
        const more = beyond({ ...access.value, mode }, own)
        if (more) return say(accessProblem(more), set, parts.ids)
        const all = await parts.keys.list(own.accountId)
        if (all.filter((key) => parts.keys.opens(key)).length >= MAX_KEYS_OF_ACCOUNT) {
          return say(TOO_MANY, set, parts.ids)
        }
        const wanted = { accountId: own.accountId, name, mode, access: access.value }
        const made = await parts.keys.create(wanted)
        if (!made.ok) return say(stored(made.error), set, parts.ids)
        const key = keyView(made.value.key, parts.clock.now())
        return { success: true, key, secret: made.value.secret } as const
      },
      { body: NewKeyBody, ...MAKE_KEY },
    )
    .patch(
      '/:id',
      async ({ body, params, request, set }) => {
        const asking = await askingNow(parts, callerOf(request), request)
        if (!asking.ok) return say(asking.error, set, parts.ids)
        const own = asking.value
        const key = await mine(parts, params.id ?? '', own)
        if (!key.ok) return say(key.error, set, parts.ids)
        const { name = key.value.name, ...limits } = body
        const access = readLimits(limits, key.value, parts.clock.now())
        if (!access.ok) return say(access.error, set, parts.ids)
        const more = beyond({ ...access.value, mode: key.value.mode }, own)
        if (more) return say(accessProblem(more), set, parts.ids)
        const changed = await parts.keys.change(key.value, { name, ...access.value })
        if (!changed.ok) return say(stored(changed.error), set, parts.ids)
        if (!changed.value) return say(noSuch('key', key.value.id), set, parts.ids)
        const now = keyView({ ...key.value, name, ...access.value }, parts.clock.now())
        return { success: true, key: now } as const
      },
      { body: ChangeKeyBody, ...CHANGE_KEY },
    )
}

function endRoutes(parts: ApiParts, callerOf: CallerOf) {
  return new Elysia({ name: 'keys-end', normalize: false })
    .post(
      '/:id/rotate',
      async ({ params, request, set }) => {
        const ask = readQuery(request, RotateQuery)
        if (!ask.ok) return say(ask.error, set, parts.ids)
        const overlap = durationIn(ask.value.overlap ?? '24h', 'overlap', LONGEST_OVERLAP)
        if (!overlap.ok) return say(overlap.error, set, parts.ids)
        const asking = await askingNow(parts, callerOf(request), request)
        if (!asking.ok) return say(asking.error, set, parts.ids)
        const own = asking.value
        const key = await mine(parts, params.id ?? '', own)
        if (!key.ok) return say(key.error, set, parts.ids)
        if (!parts.keys.opens(key.value)) return say(noSuch('key', key.value.id), set, parts.ids)
        const rotated = await parts.keys.rotate(key.value, overlap.value)
        if (!rotated.ok) return say(stored(rotated.error), set, parts.ids)
        const before = (await parts.keys.get(key.value.id, own.accountId)) ?? key.value
        const now = parts.clock.now()
        const { key: made, secret } = rotated.value
        return { success: true, key: keyView(made, now), secret, previous: keyView(before, now) } as const
      },
      { ...ROTATE_KEY },
    )
    .delete(
      '/:id',
      async ({ params, request, set }) => {
        const ask = readQuery(request, RevokeQuery)
        if (!ask.ok) return say(ask.error, set, parts.ids)
        const asking = await askingNow(parts, callerOf(request), request)
        if (!asking.ok) return say(asking.error, set, parts.ids)
        const own = asking.value
        const key = await mine(parts, params.id ?? '', own)
        if (!key.ok) return say(key.error, set, parts.ids)
        const { queued = 'keep' } = ask.value
        const { accountId, id } = key.value
        const revoked = await parts.keys.revoke(id, accountId, queued === 'keep' ? 'leave' : queued)
        if (!revoked.ok) return say(stored(revoked.error), set, parts.ids)
        const after = (await parts.keys.get(id, accountId)) ?? key.value
        return { success: true, key: keyView(after, parts.clock.now()) } as const
      },
      { ...REVOKE_KEY },
    )
}

/** A person's login ends; what keys he makes need not. */
async function askingNow(
  parts: ApiParts,
  caller: Caller,
  request: Request,
): Promise<Result<ApiKey, Problem>> {
  const fresh = await freshCaller(parts, caller, request)
  if (!fresh.ok) return fresh
  const { key, person } = fresh.value
  return ok(person ? { ...key, expiresAt: null } : key)
}

/** What a new key has unless said otherwise: all of the one that asks, but for what is given on the machine alone. */
const inherited = (own: ApiKey): ApiKey => ({
  ...own,
  scopes: own.scopes.filter((scope) => scope !== 'operator'),
})

/** One of this account's that the asking key may touch: it has no more than that, and is of its mode or of none. */
async function mine(parts: ApiParts, named: string, own: ApiKey): Promise<Result<ApiKey, Problem>> {
  const key = await parts.keys.get(named, own.accountId)
  if (!key) return fault(noSuch('key', named))
  if (own.mode === 'test' && key.mode === 'live') return fault(LIVE_KEY_REQUIRED)
  const more = beyond(key, own)
  if (more === null) return ok(key)
  return fault({
    code: 'key_restricted',
    message: `That key may do more than the key that asks: ${more.path}.`,
  })
}

const stored = (error: StoreFault): Problem => fromRefusal(storeRefusal(error))

const TOO_MANY = invalid(
  'name',
  `is one too many: an account has at most ${MAX_KEYS_OF_ACCOUNT} keys that open`,
)
