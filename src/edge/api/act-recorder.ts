//
// Owns: that every request which changed something stands in the audit log before its answer goes out: who, which route,
// to which thing, names of the fields. One place for all routes: none has to think of it.
// Never: mail (it has its own log), what stood in a field, or what was refused. Routes that are asked by strangers write
// their own records: here nobody stands behind them.

import type { Act } from '../../core/audit.ts'
import type { Trail } from '../../services/audit/trail.ts'
import type { Caller } from './parts.ts'
import { pathOf } from './path.ts'

export interface RecorderParts {
  readonly trail: Pick<Trail, 'note'>
  readonly routes: readonly { readonly method: string; readonly path: string }[]
  /** Undefined: nobody was let in. */
  readonly callerOf: (request: Request) => Caller | undefined
  readonly peerOf: (request: Request) => string
  /** Names of what stood at the top of the body. */
  readonly fieldsOf: (request: Request) => readonly string[] | undefined
}

/** Sending mail, and questions that come as POST. */
const NO_ACT = /^\/v1\/(?:email\/(?:send|batch|raw)|doctor|templates\/(?:translate|[^/]+\/preview))$/
/** What a made thing is called in its answer. */
const NAME = /^[\p{L}\p{N}._@+*-]{1,254}$/u

export function isAct({ method, url }: Pick<Request, 'method' | 'url'>): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  const path = pathOf(url)
  return path.startsWith('/v1/') && !(method === 'POST' && NO_ACT.test(path))
}

interface Pattern {
  readonly path: string
  readonly segments: readonly string[]
}

export class ActRecorder {
  readonly #parts: RecorderParts
  readonly #patterns: ReadonlyMap<string, readonly Pattern[]>

  constructor(parts: RecorderParts) {
    this.#parts = parts
    const all = parts.routes.map(({ method, path }) => ({ method, path, segments: segmentsOf(path) }))
    this.#patterns = Map.groupBy(all, ({ method }) => method)
  }

  /** The answer, once the record stands. */
  async recorded(request: Request, answer: Response): Promise<Response> {
    const caller = this.#parts.callerOf(request)
    if (!caller || !answer.ok) return answer
    await this.#parts.trail.note(await this.#act(request, answer, caller))
    return answer
  }

  async #act(request: Request, answer: Response, { key, person }: Caller): Promise<Act> {
    const path = new URL(request.url).pathname
    const { route, named } = this.#routeOf(request.method, path)
    const requestId = answer.headers.get('x-request-id')
    return {
      accountId: key.accountId,
      actor: person ? person.session.userId : key.id,
      action: `${request.method} ${route}`,
      subject: named.length > 0 ? named.join(' ') : await madeIn(answer),
      details: {
        name: person ? person.address : key.name,
        peer: this.#parts.peerOf(request),
        ...(requestId === null ? {} : { requestId }),
        fields: this.#parts.fieldsOf(request) ?? [],
        ...(key.mode === 'test' ? { note: 'with a test key' } : {}),
      },
    }
  }

  #routeOf(method: string, path: string): { readonly route: string; readonly named: readonly string[] } {
    const segments = segmentsOf(path)
    const fits = (this.#patterns.get(method) ?? []).filter((one) => isLike(one.segments, segments))
    // `/accept` goes before `/:id`, as in the router.
    const best = fits.toSorted((one, other) => variables(one.segments) - variables(other.segments))[0]
    if (!best) return { route: path, named: [] }
    const named = best.segments.flatMap((segment, at) =>
      segment.startsWith(':') ? [readable(segments[at] ?? '')] : [],
    )
    return { route: `/${best.segments.join('/')}`, named }
  }
}

const segmentsOf = (path: string): readonly string[] => path.split('/').filter((segment) => segment !== '')

const isLike = (pattern: readonly string[], path: readonly string[]): boolean =>
  pattern.length === path.length && pattern.every((each, at) => each.startsWith(':') || each === path[at])

const variables = (segments: readonly string[]): number =>
  segments.filter((segment) => segment.startsWith(':')).length

function readable(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** The id, else the name, of the one thing that the answer tells of; empty where it tells of none or of many. */
async function madeIn(answer: Response): Promise<string> {
  if (!(answer.headers.get('content-type') ?? '').includes('json')) return ''
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => null)
  if (typeof body !== 'object' || body === null) return ''
  const [thing, ...more] = Object.values(body).filter(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  )
  if (thing === undefined || more.length > 0) return ''
  for (const name of ['id', 'name', 'address', 'pattern']) {
    const value: unknown = Reflect.get(thing, name)
    if (typeof value === 'string' && NAME.test(value)) return value
  }
  return ''
}
