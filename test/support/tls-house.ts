//
// Owns: a router with everything that it asks about encryption: a fake DNS that can sign, a web server for policies, a
// real store, a clock moved by hand. A restart is `again()`: all memory goes, what is stored stays.

import type { TlsResultType } from '../../src/core/outcome.ts'
import { StubResolver } from '../../src/net/dns/stub.ts'
import { OutgoingHttp } from '../../src/net/http/outgoing.ts'
import { Router, type TlsRules } from '../../src/services/routing/route.ts'
import { StsPolicies } from '../../src/services/routing/sts.ts'
import { tlsOn } from '../../src/store/directory/tls.ts'
import type { TlsStore } from '../../src/store/tls-store.ts'
import { storeOptions } from '../store/contract/samples.ts'
import { type HandClock, handClock } from './clock.ts'
import { memoryExecutor } from './directory.ts'
import { type FakeDns, startDns } from './dns.ts'
import { type Script, startWeb, text, type WebServer } from './https.ts'

export const DOMAIN = 'example.test'
export const PORT = 25

interface HouseFault {
  readonly domain: string
  readonly mx?: string
  readonly type: TlsResultType
  readonly detail: string
}

export interface TlsHouse extends AsyncDisposable {
  readonly dns: FakeDns
  readonly web: WebServer
  readonly clock: HandClock
  readonly router: Router
  readonly sts: StsPolicies
  readonly store: TlsStore
  readonly faults: readonly HouseFault[]
  /** Announces `body` and serves it. */
  publish(body: string, id?: string): void
  serve(script: Script): void
  again(rules?: Partial<TlsRules>): void
}

export const policyText = (
  mode: string,
  { mx = ['mx.example.test'], age = 604_800 }: { mx?: readonly string[]; age?: number } = {},
): string =>
  `version: STSv1\r\nmode: ${mode}\r\n${mx.map((one) => `mx: ${one}\r\n`).join('')}max_age: ${age}\r\n`

export async function tlsHouse(rules: Partial<TlsRules> = {}): Promise<TlsHouse> {
  const dns = await startDns({
    [DOMAIN]: { MX: [[10, 'mx.example.test']], ttl: 60 },
    'mx.example.test': { A: ['8.8.8.8'], ttl: 60 },
    'mta-sts.example.test': { A: ['127.0.0.1'], ttl: 60 },
  })
  const web = await startWeb('mta-sts.example.test', text('nothing here', 'text/html', 404))
  const house = new House(dns, web)
  house.open(rules)
  return house
}

class House implements TlsHouse {
  readonly clock = handClock()
  readonly faults: HouseFault[] = []
  readonly store = tlsOn('sqlite', memoryExecutor().executor)
  readonly dns: FakeDns
  readonly web: WebServer
  #parts: { resolver: StubResolver; sts: StsPolicies; router: Router } | null = null

  constructor(dns: FakeDns, web: WebServer) {
    this.dns = dns
    this.web = web
  }

  get router(): Router {
    return this.#open.router
  }
  get sts(): StsPolicies {
    return this.#open.sts
  }

  publish(body: string, id = '1'): void {
    this.dns.set(`_mta-sts.${DOMAIN}`, { TXT: [`v=STSv1; id=${id};`], ttl: 60 })
    this.web.script = text(body)
  }

  serve(script: Script): void {
    this.web.script = script
  }

  open(rules: Partial<TlsRules>): void {
    const { clock, dns, store, web } = this
    const resolver = new StubResolver({ servers: [{ address: '127.0.0.1', port: dns.port }], clock })
    const sts: StsPolicies = new StsPolicies({
      resolver,
      http: new OutgoingHttp({ resolver, clock, allow: [], allowPrivate: true, ca: web.ca }),
      store,
      clock,
      log: storeOptions().log,
      port: web.port,
      onChanged: (domain) => router.forget(domain),
      onFault: (domain, fault) => void this.faults.push({ domain, ...fault }),
    })
    const router: Router = new Router({
      resolver,
      clock,
      dice: () => 0.5,
      families: ['ipv4'],
      allowPrivateDestinations: false,
      ownAddresses: [],
      port: PORT,
      tls: {
        dane: true,
        sts,
        overrides: new Map(),
        onFault: (domain, { mx, type, detail }) => void this.faults.push({ domain, mx, type, detail }),
        ...rules,
      },
    })
    this.#parts = { resolver, sts, router }
  }

  again(rules: Partial<TlsRules> = {}): void {
    this.#open.resolver.close()
    this.open(rules)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open.resolver.close()
    await Promise.all([this.dns.close(), this.web.close()])
  }

  get #open() {
    if (!this.#parts) throw new Error('the house is closed')
    return this.#parts
  }
}
