//
// Owns: the cookie of a session and what a page must prove to act by it (T14): it is our own page, and it read the answer to
// its login.
//
// The `__Host-` prefix (RFC 6265bis §4.1.3.2) binds it to this host, to TLS and to every path; SameSite=Strict keeps it at home.
// Browsers that know neither are met by Origin, Sec-Fetch-Site and the token that goes along.

import { timingSafeEqual } from 'node:crypto'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import { csrfOf } from '../../services/people/tokens.ts'
import type { Problem } from './problem.ts'

const NAME = '__Host-mailwok'
export const CSRF_FIELD = 'x-csrf-token'

export const sessionCookie = (token: string, life: Milliseconds): string =>
  `${NAME}=${token}; Path=/; Max-Age=${Math.floor(life / SECOND)}; HttpOnly; Secure; SameSite=Strict`

export const NO_COOKIE = `${NAME}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict`

/** Null: there is none, or there are two: somebody slipped one in. */
export function cookieIn(request: Request): string | null {
  const found = (request.headers.get('cookie') ?? '')
    .split(';')
    .map((each) => each.trim())
    .filter((each) => each.startsWith(`${NAME}=`))
  return found.length === 1 ? (found[0] ?? '').slice(NAME.length + 1) : null
}

/** Null: it is a page of ours, or no page at all. */
export function strangePage(request: Request, publicUrl: string): Problem | null {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null && site !== 'same-origin' && !(site === 'none' && isReading(request))) return REFUSED
  const origin = request.headers.get('origin')
  return origin === null || isOurs(origin, request, publicUrl) ? null : REFUSED
}

/** Null: it may. Reading changes nothing and needs no token. */
export function unproven(request: Request, token: string): Problem | null {
  if (isReading(request)) return null
  const said = Buffer.from(request.headers.get(CSRF_FIELD) ?? '')
  const wanted = Buffer.from(csrfOf(token))
  return said.length === wanted.length && timingSafeEqual(said, wanted) ? null : NO_TOKEN
}

const isReading = ({ method }: Request): boolean => method === 'GET' || method === 'HEAD'

function isOurs(origin: string, request: Request, publicUrl: string): boolean {
  if (!URL.canParse(origin)) return false
  const { host } = new URL(origin)
  return host === new URL(publicUrl).host || host === request.headers.get('host')
}

const REFUSED: Problem = {
  code: 'cross_site_request',
  message: 'A session in a cookie works for pages of this host alone.',
}
const NO_TOKEN: Problem = {
  code: 'cross_site_request',
  message:
    'With a session in a cookie, requests that change something want the field X-CSRF-Token; GET /v1/me tells it.',
}
