//
// Owns: outgoing HTTP to a web server on loopback that proves its name, with a resolver and a clock of the test's own.

import { StubResolver } from '../../src/net/dns/stub.ts'
import { OutgoingHttp, type OutgoingHttpOptions } from '../../src/net/http/outgoing.ts'
import { type HandClock, handClock } from './clock.ts'
import { type FakeDns, startDns } from './dns.ts'
import { startWeb, text, type WebServer } from './https.ts'

/** Whose certificate the server has. */
export const NAME = 'web.example.test'

export interface OutgoingRig extends AsyncDisposable {
  readonly clock: HandClock
  readonly dns: FakeDns
  readonly resolver: StubResolver
  web: WebServer
  outgoing(over?: Partial<OutgoingHttpOptions>): OutgoingHttp
  url(host?: string, path?: string): string
}

/** Names beside its own, of which there is one more that leads to the same server. */
export async function outgoingRig(zone: Parameters<typeof startDns>[0] = {}): Promise<OutgoingRig> {
  const dns = await startDns({
    [NAME]: { A: ['127.0.0.1'] },
    'other.example.test': { A: ['127.0.0.1'] },
    ...zone,
  })
  const clock = handClock()
  const resolver = new StubResolver({ servers: [{ address: '127.0.0.1', port: dns.port }], clock })
  const rig: OutgoingRig = {
    clock,
    dns,
    resolver,
    web: await startWeb(NAME, text('hello')),
    outgoing: (over = {}) =>
      new OutgoingHttp({ resolver, clock, allow: [], allowPrivate: true, ca: rig.web.ca, ...over }),
    url: (host = NAME, path = '/') => `https://${host}:${rig.web.port}${path}`,
    async [Symbol.asyncDispose]() {
      resolver.close()
      await Promise.all([dns.close(), rig.web.close()])
    },
  }
  return rig
}

/** The status, or the kind of the fault. */
export const kindOf = (answered: Awaited<ReturnType<OutgoingHttp['get']>>): string =>
  answered.ok ? String(answered.value.status) : answered.error.kind
