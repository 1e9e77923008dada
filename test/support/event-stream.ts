//
// Owns: a client of GET /v1/events/stream, and what it has heard.

import { AUTHORIZED, type Lab } from './appliance.ts'

export interface Listener {
  readonly status: number
  readonly headers: Headers
  readonly text: () => string
  readonly hasEnded: () => boolean
  /** Types, in their order. */
  readonly events: () => readonly string[]
  readonly lastId: () => string
  close(): Promise<void>
}

export async function listen(
  lab: Lab,
  headers: Readonly<Record<string, string>> = {},
  query = '',
): Promise<Listener> {
  const abort = new AbortController()
  const answer = await lab.fetch(`/v1/events/stream${query}`, {
    headers: { ...AUTHORIZED, ...headers },
    signal: abort.signal,
  })
  let text = ''
  let ended = false
  const reading = (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of answer.body ?? []) text += decoder.decode(chunk, { stream: true })
  })()
    .catch(() => undefined)
    .finally(() => {
      ended = true
    })
  return {
    status: answer.status,
    headers: answer.headers,
    text: () => text,
    hasEnded: () => ended,
    events: () => [...text.matchAll(/^event: (\S+)$/gm)].map((match) => match[1] ?? ''),
    lastId: () => [...text.matchAll(/^id: (\S+)$/gm)].at(-1)?.[1] ?? '',
    async close() {
      abort.abort()
      await reading
    },
  }
}
