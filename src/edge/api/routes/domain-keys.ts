//
// Owns: /v1/domains/{name}/dkim: the keys of a domain, changing them, and bringing along those of another mail server.
// Never: answers with a private key.

import { Elysia } from 'elysia'
import { dkimKeyView, domainView, recordView } from '../../../services/domains/view.ts'
import { find, findLive } from '../domain-find.ts'
import { domainFault, importProblem } from '../domain-problems.ts'
import { IMPORT_DKIM, LIST_DKIM, ROTATE_DKIM } from '../operations/domains.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { say } from '../say.ts'
import { ImportBody } from '../schema/domains.ts'

export function domainKeyRoutes(parts: ApiParts, callerOf: (request: Request) => Caller) {
  const { domains, ids } = parts
  return new Elysia({ name: 'domain-keys', normalize: false })
    .get(
      '/:name/dkim',
      async ({ params, request, set }) => {
        const known = await find(parts, params.name, callerOf(request))
        if (!known.ok) return say(known.error, set, ids)
        return { success: true, data: known.value.keys.map(dkimKeyView), has_more: false } as const
      },
      { ...LIST_DKIM },
    )
    .post(
      '/:name/dkim/rotate',
      async ({ params, request, set }) => {
        const known = await findLive(parts, params.name, callerOf(request))
        if (!known.ok) return say(known.error, set, ids)
        const { accountId, name } = known.value.domain
        const rotated = await domains.rotate(name, accountId)
        if (!rotated.ok) return say(domainFault(rotated.error, name), set, ids)
        const { care, domain, keys, records } = rotated.value
        const waiting = domain.rotationWanted ? records.filter(({ check }) => check === 'dkimNext') : []
        return {
          success: true,
          rotated: !domain.rotationWanted,
          waits_for: waiting.map((record) => recordView(record, care?.findings ?? [])),
          keys: keys.map(dkimKeyView),
        } as const
      },
      { ...ROTATE_DKIM },
    )
    .post(
      '/:name/dkim/import',
      async ({ body, params, request, set }) => {
        const known = await findLive(parts, params.name, callerOf(request))
        if (!known.ok) return say(known.error, set, ids)
        const { accountId, name } = known.value.domain
        const brought = { selector: body.selector, privateKey: body.private_key }
        const done = await domains.importKey(name, accountId, brought)
        if (!done.ok) {
          const { error } = done
          const problem = typeof error === 'string' ? domainFault(error, name) : importProblem(error)
          return say(problem, set, ids)
        }
        const selector = body.selector.trim().toLowerCase()
        const key = done.value.keys.find((one) => one.selector === selector)
        if (!key) return say(domainFault('not-found', name), set, ids)
        return { success: true, key: dkimKeyView(key), domain: domainView(done.value) } as const
      },
      { body: ImportBody, ...IMPORT_DKIM },
    )
}
