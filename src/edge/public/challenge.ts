//
// Owns: the answers by which a certification authority sees that a host leads here (HTTP-01, RFC 8555 §8.3), and the plain
// port on which it asks: everything else there leads to https.
// Never: reads a file: a token is looked up as it is, and only what has the form of one.

import { TOKEN } from '../../net/tls/acme/order.ts'

export interface ChallengeParts {
  readonly challenges: {
    /** Null: nobody waits for such an answer. */
    answerTo(token: string): Promise<string | null>
  }
}

const PREFIX = '/.well-known/acme-challenge/'
const PLAIN = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' } as const

/** Null: it is no such request. */
export function challengeAnswer(
  request: Request,
  path: string,
  { challenges }: ChallengeParts,
): Promise<Response> | null {
  if (!path.startsWith(PREFIX)) return null
  return answered(request, path.slice(PREFIX.length), challenges)
}

async function answered(
  { method }: Request,
  token: string,
  challenges: ChallengeParts['challenges'],
): Promise<Response> {
  if (method !== 'GET' && method !== 'HEAD') {
    return new Response('GET it.\n', { status: 405, headers: { ...PLAIN, allow: 'GET, HEAD' } })
  }
  const answer = TOKEN.test(token) ? await known(token, challenges) : null
  if (answer === null) return new Response('There is no such challenge.\n', { status: 404, headers: PLAIN })
  if (answer === AWAY) return new Response('Come again.\n', { status: 503, headers: PLAIN })
  return new Response(answer, { headers: { ...PLAIN, 'content-type': 'application/octet-stream' } })
}

const AWAY = Symbol('the store is away')

/** Also where the store is away: the authority comes again, and a fault of ours must not reach a stranger. */
async function known(
  token: string,
  challenges: ChallengeParts['challenges'],
): Promise<string | null | typeof AWAY> {
  try {
    return await challenges.answerTo(token)
  } catch {
    return AWAY
  }
}

export interface PlainPortParts extends ChallengeParts {
  /** Where the host leads over TLS, such as `https://mail.example.com`; null: it is none of ours. */
  readonly secureBaseOf: (host: string) => Promise<string | null>
}

/** What the port for HTTP-01 answers. */
export function plainPort(parts: PlainPortParts): (request: Request) => Promise<Response> {
  return async (request) => {
    // A request of HTTP/1.0 without a host has its path alone.
    const url = URL.parse(request.url)
    if (url === null) return new Response('Name a host.\n', { status: 400, headers: PLAIN })
    const challenge = challengeAnswer(request, url.pathname, parts)
    if (challenge !== null) return challenge
    const base = await parts.secureBaseOf(url.hostname)
    if (base === null) return new Response('No such host here.\n', { status: 404, headers: PLAIN })
    // What was sent in clear must not be sent so again: only what can be asked anew is led on.
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response(`Use ${base}\n`, { status: 403, headers: PLAIN })
    }
    return new Response(null, { status: 308, headers: { location: `${base}${url.pathname}${url.search}` } })
  }
}
