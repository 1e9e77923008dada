//
// Owns: an application of a user's that takes webhooks: what it got, and what it answers.

import { Webhook } from 'standardwebhooks'

export interface Got {
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly at: number
}

type Answer = number | Response | 'hang'

/** Answers are given in turn, then 200. */
export function hook(...answers: readonly Answer[]) {
  const got: Got[] = []
  const left = [...answers]
  const begin = (port: number) =>
    Bun.serve({
      hostname: '127.0.0.1',
      port,
      idleTimeout: 60,
      async fetch(request) {
        got.push({
          headers: Object.fromEntries(request.headers),
          text: await request.text(),
          at: performance.now(),
        })
        const answer = left.shift() ?? 200
        if (answer === 'hang') return new Promise<Response>(() => {})
        return typeof answer === 'number' ? new Response('said', { status: answer }) : answer
      },
    })
  let server = begin(0)
  const port = server.port ?? 0
  const place = `127.0.0.1:${port}`
  return {
    got,
    place,
    url: `http://${place}/hook`,
    /** What it answers from now on, before 200. */
    answers: (...more: readonly Answer[]) => void left.splice(0, left.length, ...more),
    bodies: () => got.map(({ text }) => JSON.parse(text)),
    stop: async () => void (await server.stop(true)),
    start: () => {
      server = begin(port)
    },
    [Symbol.asyncDispose]: async () => void (await server.stop(true)),
  }
}

/** As the official library says; it throws where a signature does not fit. */
export function verified(secret: string, { headers, text }: Got): unknown {
  const own = Math.floor(Date.now() / 1000)
  // The library holds the time against the machine's clock, and labs have one of their own: the signature is what is tried.
  const real = Date.now
  Date.now = () => Number(headers['webhook-timestamp'] ?? own) * 1000
  try {
    return new Webhook(secret).verify(text, { ...headers })
  } finally {
    Date.now = real
  }
}
