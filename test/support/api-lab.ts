//
// Owns: a lab whose API is asked by its document: with a key that works or a person who is logged in, and with what the store
// has to know before.

import { SECOND } from '../../src/core/time.ts'
import { ApiAsks } from './api-asks.ts'
import type { ApiDocumentJson } from './api-document.ts'
import { type Ask, bodyOf, type Probe, Prober, probesOf, type Told } from './api-prober.ts'
import { type Lab, type LabOptions, must } from './appliance.ts'
import { OWNER, PeopleLab } from './people-lab.ts'

/** People for what is theirs, keys for all else. */
const OF_PEOPLE = /^\/v1\/(?:me|sessions|password-resets|invitations|users)\b/

export class ApiLab implements AsyncDisposable {
  readonly people: PeopleLab
  readonly lab: Lab
  readonly asks: ApiAsks
  readonly prober: Prober
  readonly #probes: readonly Probe[]
  #mine = ''
  #keys = 0
  /** A key of another account. */
  theirs = ''

  private constructor(people: PeopleLab, document: ApiDocumentJson) {
    this.people = people
    this.lab = people.lab
    this.asks = new ApiAsks(document)
    this.prober = new Prober(document)
    this.#probes = probesOf(document)
  }

  static async start(document: ApiDocumentJson, options: LabOptions = {}): Promise<ApiLab> {
    const api = new ApiLab(await PeopleLab.start(options), document)
    must(await api.lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
    api.theirs = await api.freshKey('other')
    for (const to of ['rcpt@example.net', 'bounce-hard@sandbox.mailwok.test', 'defer@sandbox.mailwok.test']) {
      await api.lab.sent({ to })
    }
    return api
  }

  /** Of what the path names there is one again: by its example, and by its list. Who is on a small plan may ask again. */
  async renew(probe: Probe): Promise<void> {
    this.lab.clock.advance(10 * SECOND)
    const list = probe.path.replace(/\/\{.*$/, '')
    if (list === probe.path) return
    const made = this.#probes.find(
      ({ method, path }) => method === 'POST' && (path === list || path === `${list}/send`),
    )
    const example = made === undefined ? undefined : bodyOf(made)?.example
    this.asks.forget(list)
    if (made !== undefined && example !== undefined) await this.tell(made, { body: JSON.stringify(example) })
    const listed = this.#probes.find(({ method, path }) => method === 'GET' && path === list)
    if (listed !== undefined) this.asks.remember(listed, await this.tell(listed, {}))
  }

  async freshKey(account: string, mode: 'live' | 'test' = 'live'): Promise<string> {
    this.#keys += 1
    const scopes = account === 'default' && mode === 'live' ? { scopes: ['all', 'operator'] } : {}
    return must(await this.lab.admin.keyCreate({ account, name: `probe-${this.#keys}`, mode, ...scopes })).key
  }

  /** Who tries passwords waits longer with each: by the clock of the lab. */
  async asked(probe: Probe, ask: Ask): Promise<Told> {
    const told = this.prober.ask(this.lab, probe, ask)
    if (!OF_PEOPLE.test(probe.path)) return told
    const first = await Promise.race([told, Bun.sleep(600)])
    return first ?? this.lab.meanwhile(told)
  }

  /** With a key that works, or a person who is logged in: what removes keys has removed ours. */
  async tell(probe: Probe, ask: Ask, again = true): Promise<Told> {
    const isOfPeople = OF_PEOPLE.test(probe.path)
    if (!isOfPeople && this.#mine === '') this.#mine = await this.freshKey('default')
    const told = await this.asked(probe, {
      ...ask,
      headers: {
        authorization: `Bearer ${isOfPeople ? this.people.owner : this.#mine}`,
        ...(ask.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...ask.headers,
      },
    })
    if (told.code !== 'unauthorized' || !again) return told
    if (isOfPeople) this.people.owner = await this.#loggedIn()
    else this.#mine = await this.freshKey('default')
    return this.tell(probe, ask, false)
  }

  /** Who guessed before may have to wait. */
  #loggedIn(): Promise<string> {
    const { people } = this
    return people.loggedIn(OWNER).catch(() => people.forgiven().then(() => people.loggedIn(OWNER)))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.people[Symbol.asyncDispose]()
  }
}
