//
// Owns: a wire between a store and its PostgreSQL that a test can cut at the worst moment.
// Never: understands the protocol beyond finding the word COMMIT on its way to the server.

import { connect, createServer, type Socket } from 'node:net'

export interface PostgresWire {
  /** What the store is opened with. */
  readonly url: string
  /** From now on the answer to the next COMMIT is swallowed, and the wire cut once the server has given it. */
  loseNextAnswer(): void
  /** From now on nothing is answered, and nothing closed. */
  fallSilent(): void
  /** As before. Connections that were silent stay so. */
  heal(): void
  close(): Promise<void>
}

type Mood = 'well' | 'losing' | 'silent'

export async function wireTo(url: string): Promise<PostgresWire> {
  const there = new URL(url)
  let mood: Mood = 'well'
  const sockets = new Set<Socket>()
  const listener = createServer((near) => {
    const far = connect(Number(there.port), there.hostname)
    let losing = false
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (bytes) => {
      if (mood === 'losing' && bytes.includes('COMMIT')) losing = true
      if (mood !== 'silent') far.write(bytes)
    })
    far.on('data', (bytes) => {
      if (mood === 'silent') return
      if (!losing) near.write(bytes)
      else {
        mood = 'well'
        near.destroy()
      }
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  const here = new URL(url)
  here.port = String(typeof address === 'object' && address ? address.port : 0)
  return {
    url: here.href,
    loseNextAnswer: () => {
      mood = 'losing'
    },
    fallSilent: () => {
      mood = 'silent'
    },
    heal: () => {
      mood = 'well'
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        listener.close(() => resolve())
      }),
  }
}
