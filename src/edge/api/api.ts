//
// Owns: the REST API as one Elysia application: hooks that every route shares. Routes live in routes/<first segment>.ts.
// Never: listening (listen.ts) or deciding (services).

import { Elysia } from 'elysia'
import type { Log } from '../../core/ports.ts'
import { SECOND } from '../../core/time.ts'
import { storeRefusal } from '../../services/submission/store-refusal.ts'
import { StoreUnavailable } from '../../store/store-fault.ts'
import { ActRecorder, isAct } from './act-recorder.ts'
import { admit } from './admission.ts'
import { isMessage, readJson, readMessage } from './body.ts'
import { bodyLimit, MAX_BATCH_BODY, takesMessages } from './body-limit.ts'
import { BodyRoom } from './body-room.ts'
import { routable } from './host-field.ts'
import type { Route } from './openapi/document.ts'
import type { ApiParts, Caller } from './parts.ts'
import { pathOf } from './path.ts'
import { peopleRoutes } from './people-routes.ts'
import { fromRefusal, type Problem, ProblemError, problemBody, statusOf } from './problem.ts'
import { accountRoutes } from './routes/account.ts'
import { accountsRoutes } from './routes/accounts.ts'
import { contentRoutes } from './routes/content.ts'
import { docsRoutes } from './routes/docs.ts'
import { doctorRoutes } from './routes/doctor.ts'
import { domainRoutes } from './routes/domains.ts'
import { emailRoutes } from './routes/email.ts'
import { batchRoutes } from './routes/email-batch.ts'
import { rawRoutes } from './routes/email-raw.ts'
import { eventRoutes } from './routes/events.ts'
import { healthRoutes } from './routes/health.ts'
import { inboundRoutes } from './routes/inbound.ts'
import { keyRoutes } from './routes/keys.ts'
import { mailListRoutes } from './routes/mail-list.ts'
import { ApiDocument, openApiRoutes } from './routes/openapi.ts'
import { statsRoutes } from './routes/stats.ts'
import { steeringRoutes } from './routes/steering.ts'
import { isImport, suppressionImportRoutes } from './routes/suppression-import.ts'
import { suppressionRoutes } from './routes/suppressions.ts'
import { templateRoutes } from './routes/templates.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { say } from './say.ts'
import { isOpen, OPEN_BODY } from './session-admission.ts'
import { type SchemaFault, validationProblem } from './validation.ts'

/** Bodies of the largest size that may be under way together; each costs several times its octets. */
const BODIES_AT_ONCE = 4
const NO_ROOM: Problem = {
  code: 'storage_busy',
  message: 'Too many large bodies are under way; nothing was accepted. Come again in a moment.',
  retryAfter: SECOND,
}

export interface Api {
  /** `peer` is the address from which the request came. */
  fetch(request: Request, peer: string): Response | Promise<Response>
  /** All of them, with what they say of themselves. */
  readonly routes: readonly Route[]
}

export function createApi(parts: ApiParts): Api {
  const peers = new WeakMap<Request, string>()
  const { maxBody } = parts.options
  const room = new BodyRoom(
    (request) => bodyLimit(maxBody, request),
    Math.max(maxBody * BODIES_AT_ONCE, MAX_BATCH_BODY),
  )
  // Who asks is settled before a body is read: a stranger's 25 MB are never parsed.
  const callers = new WeakMap<Request, Caller>()
  const fields = new WeakMap<Request, readonly string[]>()
  const peerOf = (request: Request): string => peers.get(request) ?? ''
  const app = appFrom(parts, { peerOf, room, callers, fields })
  const recorder = new ActRecorder({
    trail: parts.trail,
    routes: app.routes,
    callerOf: (request) => callers.get(request),
    peerOf,
    fieldsOf: (request) => fields.get(request),
  })
  const answer = (request: Request): Response | Promise<Response> =>
    isAct(request)
      ? Promise.resolve(app.fetch(request)).then((response) => recorder.recorded(request, response))
      : app.fetch(request)
  return {
    routes: app.routes,
    fetch: (asked, peer) => {
      const request = routable(asked)
      if (!request) return unreadable(parts)
      peers.set(request, peer)
      if (room.octetsOf(request) === 0) return answer(request)
      return Promise.resolve(answer(request)).finally(() => room.leave(request))
    },
  }
}

function unreadable(parts: ApiParts): Response {
  const id = parts.ids.request()
  const problem: Problem = {
    code: 'invalid_request',
    message: 'The Host field of the request names no host.',
  }
  parts.meter.count('api_problems_total', 1, { code: problem.code })
  return Response.json(problemBody(problem, id), {
    status: statusOf(problem.code),
    headers: { 'x-request-id': id },
  })
}

interface Threshold {
  readonly peerOf: (request: Request) => string
  readonly room: BodyRoom
  readonly callers: WeakMap<Request, Caller>
  /** Names of what stands at the top of a body. */
  readonly fields: WeakMap<Request, readonly string[]>
}

function appFrom(parts: ApiParts, { callers, fields, peerOf, room }: Threshold) {
  const document = new ApiDocument({ version: parts.options.version, server: parts.options.publicUrl })
  const app = new Elysia({ normalize: false, name: 'mailwok' })
    .onRequest(async ({ request, set }) => {
      set.headers['x-request-id'] = parts.ids.request()
      if (!isPrivate(request.url) || isOpen(request)) return
      callers.set(request, await admit({ request, peer: peerOf(request) }, set.headers, parts))
    })
    .onParse(({ request }) => {
      if (isImport(request) || (request.body === null && saysAllInItsPath(request))) return null
      if (!room.enter(request)) throw new ProblemError(NO_ROOM)
      const limit = isOpen(request) ? OPEN_BODY : bodyLimit(parts.options.maxBody, request)
      const isRaw = takesMessages(request)
      if (isRaw && isMessage(request)) return readMessage(request, limit)
      const body = readJson(request, limit, isRaw ? 'message/rfc822 or application/json' : undefined)
      return isAct(request) ? namesNoted(body, request, fields) : body
    })
    .onError(({ code, error, set, request }) => {
      const problem = problemOf(code, error, parts.log, request)
      parts.meter.count('api_problems_total', 1, { code: problem.code })
      return say(problem, set, parts.ids)
    })
    .use(healthRoutes(parts.health))
    .use(docsRoutes(document))
    .use(openApiRoutes(document))
    .use(emailRoutes(parts, (request) => callerOf(callers, request)))
    .use(batchRoutes(parts, (request) => callerOf(callers, request)))
    .use(rawRoutes(parts, (request) => callerOf(callers, request)))
    .use(steeringRoutes(parts, (request) => callerOf(callers, request)))
    .use(mailListRoutes(parts, (request) => callerOf(callers, request)))
    .use(contentRoutes(parts, (request) => callerOf(callers, request)))
    .use(suppressionRoutes(parts, (request) => callerOf(callers, request)))
    .use(suppressionImportRoutes(parts, (request) => callerOf(callers, request)))
    .use(inboundRoutes(parts, (request) => callerOf(callers, request)))
    .use(eventRoutes(parts, { callerOf: (request) => callerOf(callers, request), peerOf }))
    .use(statsRoutes(parts, (request) => callerOf(callers, request)))
    .use(webhookRoutes(parts, (request) => callerOf(callers, request)))
    .use(peopleRoutes(parts, { callerOf: (request) => callerOf(callers, request), peerOf }))
    .use(templateRoutes(parts, (request) => callerOf(callers, request)))
    .use(accountRoutes(parts, (request) => callerOf(callers, request)))
    .use(accountsRoutes(parts, (request) => callerOf(callers, request)))
    .use(doctorRoutes(parts))
    .use(domainRoutes(parts, (request) => callerOf(callers, request)))
    .use(keyRoutes(parts, (request) => callerOf(callers, request)))
  document.of(app.routes)
  return app
}

async function namesNoted(
  body: Promise<unknown>,
  request: Request,
  fields: WeakMap<Request, readonly string[]>,
): Promise<unknown> {
  const read = await body
  if (typeof read === 'object' && read !== null && !Array.isArray(read))
    fields.set(request, Object.keys(read))
  return read
}

/** Who deletes, or asks for something to be done that has no details. */
const saysAllInItsPath = ({ method, url }: Request): boolean =>
  method === 'DELETE' ||
  (method === 'POST' && /^[^?]*\/(?:rotate|verify|test|cancel|retry|resume)(?:\?|$)/.test(url))

/** Everything under /v1 wants a key, but the document that says so. */
const isPrivate = (url: string): boolean => {
  const path = pathOf(url)
  return path.startsWith('/v1') && path !== '/v1/openapi.json'
}

function callerOf(callers: WeakMap<Request, Caller>, request: Request): Caller {
  const caller = callers.get(request)
  if (!caller) throw new Error('a private route was reached without admission')
  return caller
}

function problemOf(code: string | number, error: unknown, log: Log, request: Request): Problem {
  if (error instanceof ProblemError) return error.problem
  // Elysia wraps what the body parser throws.
  if (error instanceof Error && error.cause instanceof ProblemError) return error.cause.problem
  if (error instanceof StoreUnavailable) return fromRefusal(storeRefusal('unavailable'))
  if (code === 'NOT_FOUND') {
    return { code: 'not_found', message: `There is no ${request.method} ${new URL(request.url).pathname}.` }
  }
  if (code === 'VALIDATION' && isValidation(error))
    return validationProblem(error.all, error.validator.schema)
  if (code === 'PARSE') return { code: 'malformed_json', message: 'The body could not be read as JSON.' }
  log.error('a request ended in a fault of ours', {
    method: request.method,
    path: new URL(request.url).pathname,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  })
  return {
    code: 'internal_error',
    message: 'Something broke on our side; it is in the log under this request id.',
  }
}

interface Validation {
  readonly all: Iterable<SchemaFault>
  readonly validator: { readonly schema: SchemaFault['schema'] }
}

const isValidation = (error: unknown): error is Validation =>
  typeof error === 'object' && error !== null && 'validator' in error && 'all' in error
