//
// Owns: what recipients' programs ask for at the tracking host: which first path segments are theirs, and what every answer
// to them has in common.
// Never: cookies, sessions, or anything of a tenant: a token in the path is all that is believed.

import type { Log } from '../../core/ports.ts'
import { StoreUnavailable } from '../../store/store-fault.ts'
import { type ChallengeParts, challengeAnswer } from './challenge.ts'
import { type LeavingRoutesParts, leaveRoute } from './leave.ts'
import { comeAgain, notHere, wrongMethod } from './page.ts'
import { clickRoute, openRoute, type ReadingRoutesParts } from './reading.ts'
import type { PublicAsk, PublicRoute } from './route.ts'
import { wordsFor } from './words.ts'

/** Without `challenges` no authority asks here. */
export interface PublicParts extends ReadingRoutesParts, LeavingRoutesParts, Partial<ChallengeParts> {
  readonly log: Log
}

/** Null: not for us. */
export type Public = (request: Request, client: string) => Response | Promise<Response> | null

export function createPublic(parts: PublicParts): Public {
  const routes: ReadonlyMap<string, PublicRoute> = new Map([
    ['o', openRoute(parts)],
    ['c', clickRoute(parts)],
    ['u', leaveRoute(parts)],
  ])
  return (request, client) => {
    const { url } = request
    // A request of HTTP/1.0 has no host (RFC 9112 §3.2): its address is the path.
    const path = url.startsWith('/') ? 0 : url.indexOf('/', 'https://'.length)
    // Every segment of ours is one letter: an API request costs this and no more.
    if (path === -1) return null
    if (url[path + 1] === '.') return challenged(request, url.slice(path), parts)
    if (url[path + 2] !== '/') return null
    const route = routes.get(url[path + 1] ?? '')
    if (route === undefined) return null
    if (!route.methods.includes(request.method)) return wrongMethod(route.methods)
    return answered(route, { request, client, token: tokenOf(url, path + 3) }, parts.log)
  }
}

const challenged = (request: Request, path: string, { challenges }: PublicParts) =>
  challenges === undefined ? null : challengeAnswer(request, path, { challenges })

function tokenOf(url: string, from: number): string {
  const query = url.indexOf('?', from)
  const written = query === -1 ? url.slice(from) : url.slice(from, query)
  if (!written.includes('%')) return written
  // What is written so without need is the same address (RFC 3986 §6.2.2.2); some programs write `_` and `-` so.
  return written.replace(/%([2-7][0-9a-f])/gi, (encoded, hex: string) => {
    const letter = String.fromCharCode(Number.parseInt(hex, 16))
    return /[\w.~-]/.test(letter) ? letter : encoded
  })
}

/** A fault of ours is a page too, and a line in the log. */
function answered(route: PublicRoute, ask: PublicAsk, log: Log): Response | Promise<Response> {
  const words = () => wordsFor(ask.request.headers.get('accept-language'))
  const failed = (error: unknown): Response => {
    // Health says so, and readers come again.
    if (error instanceof StoreUnavailable) return comeAgain(words(), 503)
    // The path would be a token that somebody else could use.
    log.error('a page for recipients ended in a fault of ours', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
    return comeAgain(words(), 500)
  }
  try {
    const answer = route.answer(ask)
    if (answer instanceof Promise) return answer.then((page) => page ?? notHere(words()), failed)
    return answer ?? notHere(words())
  } catch (error) {
    return failed(error)
  }
}
