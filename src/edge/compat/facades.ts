//
// Owns: /compat/<vendor>/…: who is asked for, whose key it is, which route. What the vendors have in common.
// Never: a second door: everything goes on to MailWok's own API (native.ts), with the caller's own key.

import type { Log } from '../../core/ports.ts'
import { StoreUnavailable } from '../../store/store-fault.ts'
import { BodyRoom } from '../api/body-room.ts'
import { ProblemError } from '../api/problem.ts'
import { formIn, jsonIn } from './body.ts'
import { MAILGUN } from './mailgun/mailgun.ts'
import { type ApiFetch, Native } from './native.ts'
import { POSTMARK } from './postmark/postmark.ts'
import { RESEND } from './resend/resend.ts'
import { SENDGRID } from './sendgrid/sendgrid.ts'
import { notHere, type Trouble, troubleOf } from './trouble.ts'
import type { Answer, Ask, Route, Vendor } from './vendor.ts'

export interface FacadeParts {
  readonly api: ApiFetch
  /** Whether there is such a key; a stranger's body is never read. */
  readonly isKnown: (secret: string, peer: string) => Promise<boolean>
  readonly log: Log
  /** Octets of a request body. */
  readonly maxBody: number
}

export const VENDORS: Readonly<Record<string, Vendor>> = {
  resend: RESEND,
  sendgrid: SENDGRID,
  postmark: POSTMARK,
  mailgun: MAILGUN,
}

/** Null: not for us. */
export type Facades = (request: Request, peer: string) => Promise<Response> | null

const ROOT = '/compat/'
const BODIES_AT_ONCE = 4
const NO_ROOM: Trouble = {
  status: 503,
  code: 'storage_busy',
  message: 'Too many large bodies are under way; nothing was accepted. Come again in a moment.',
  fields: [],
}

export function createFacades(parts: FacadeParts): Facades {
  const room = new BodyRoom(() => parts.maxBody, parts.maxBody * BODIES_AT_ONCE)
  return (request, peer) => {
    const start = request.url.indexOf('/', 'https://'.length)
    // An API request costs this and no more.
    if (start === -1 || !request.url.startsWith(ROOT, start)) return null
    const url = new URL(request.url)
    const [, , name = ''] = url.pathname.split('/')
    const vendor = Object.hasOwn(VENDORS, name) ? VENDORS[name] : undefined
    if (vendor === undefined) return null
    const native = new Native(parts.api, { peer, key: vendor.keyOf(request), origin: url.origin })
    const path = url.pathname.slice(ROOT.length + name.length) || '/'
    return answered({ vendor, name, native, url, path, request, peer }, parts, room)
      .then((response) => withKept(response, native))
      .finally(() => room.leave(request))
  }
}

interface Visit {
  readonly vendor: Vendor
  readonly name: string
  readonly native: Native
  readonly url: URL
  /** Behind the vendor's name. */
  readonly path: string
  readonly request: Request
  /** The address from which it came. */
  readonly peer: string
}

async function answered(visit: Visit, parts: FacadeParts, room: BodyRoom): Promise<Response> {
  try {
    const answer = await answerOf(visit, parts, room)
    return answer instanceof Response ? answer : refused(visit, answer.trouble)
  } catch (error) {
    if (error instanceof ProblemError) return refused(visit, troubleOf(error.problem))
    return refused(visit, ofOurs(error, visit, parts.log))
  }
}

/** In his shape, and where to read on: on the host that answered, which has the page of its own version. */
function refused({ name, url, vendor }: Visit, trouble: Trouble): Response {
  const page = `${url.origin}/docs/moving#${name}`
  const said = vendor.sayNo(trouble, page)
  said.headers.set('link', `<${page}>; rel="help"`)
  return said
}

async function answerOf(visit: Visit, parts: FacadeParts, room: BodyRoom): Promise<Answer> {
  const { native, path, request, url, vendor } = visit
  const key = vendor.keyOf(request)
  if (key === null || !(await parts.isKnown(key, visit.peer)))
    return refusedKey(native, vendor.keyHint?.(key ?? ''))
  const found = routeFor(vendor.routes, request.method, path)
  if (found === null) return { trouble: nothingHere(vendor, request.method, path) }
  if (!room.enter(request)) return { trouble: NO_ROOM }
  // Some forms may also come as JSON.
  const isJson = /^application\/json/i.test(request.headers.get('content-type') ?? '')
  const read = vendor.body === 'form' && !isJson ? formIn : jsonIn
  const body = await read(request, parts.maxBody)
  const ask: Ask = { native, url, params: found.params, body, headers: request.headers }
  return found.route.answer(ask)
}

/** Asks as anybody would who has no key: whoever guesses is slowed down as everywhere. */
async function refusedKey(native: Native, hint: string | null = null): Promise<Answer> {
  const asked = await native.ask({ method: 'GET', path: '/v1/email/none' })
  if (!asked.ok) {
    const { message } = asked.error
    return { trouble: { ...asked.error, message: hint === null ? message : `${message} ${hint}` } }
  }
  return { trouble: { status: 401, code: 'unauthorized', message: 'This API key is unknown.', fields: [] } }
}

interface Found {
  readonly route: Route
  readonly params: readonly string[]
}

function routeFor(routes: readonly Route[], method: string, path: string): Found | null {
  const asked = path.replace(/\/$/, '').split('/')
  for (const route of routes) {
    const params = route.method === method ? paramsIn(route.path.split('/'), asked) : null
    if (params) return { route, params }
  }
  return null
}

function paramsIn(pattern: readonly string[], asked: readonly string[]): string[] | null {
  if (pattern.length !== asked.length) return null
  const params: string[] = []
  for (const [place, part] of pattern.entries()) {
    const one = asked[place] ?? ''
    if (!part.startsWith(':')) {
      if (part !== one) return null
      continue
    }
    const decoded = decode(one)
    // A dot would be a way out of the path that it is put into.
    if (decoded === null || /^\.{0,2}$/.test(decoded)) return null
    params.push(decoded)
  }
  return params
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}

/** `:` stands for any part. */
const begins = (pattern: readonly string[], asked: readonly string[]): boolean =>
  pattern.every(
    (part, place) => part === asked[place] || (part.startsWith(':') && asked[place] !== undefined),
  )

function nothingHere({ elsewhere, routes }: Vendor, method: string, path: string): Trouble {
  const asked = path.replace(/\/$/, '').split('/')
  const hint = Object.keys(elsewhere).find((part) => begins(`/${part}`.split('/'), asked))
  const instead = hint === undefined ? 'its documentation lists what is' : elsewhere[hint]
  if (routes.some((route) => paramsIn(route.path.split('/'), asked) !== null)) {
    const message = `There is no ${method} for this path here; ${instead}.`
    return { status: 405, code: 'method_not_allowed', message, fields: [] }
  }
  return notHere(`${method} ${path.slice(0, 100).toWellFormed()} is not in this facade; ${instead}.`)
}

function ofOurs(error: unknown, { path, request }: Visit, log: Log): Trouble {
  if (error instanceof StoreUnavailable) {
    const message = 'The database is away; nothing was accepted. Come again in a moment.'
    return { status: 503, code: 'storage_unavailable', message, fields: [] }
  }
  log.error('a request to a facade ended in a fault of ours', {
    method: request.method,
    path,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  })
  return { status: 500, code: 'internal_error', message: 'Something broke on our side.', fields: [] }
}

function withKept(response: Response, native: Native): Response {
  for (const [name, value] of Object.entries(native.kept)) {
    if (!response.headers.has(name)) response.headers.set(name, value)
  }
  return response
}
