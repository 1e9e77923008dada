//
// Owns: what waits in memory for one lane, and whose turn it is: transactional mail before marketing, accounts in turn,
// within an account its campaigns in turn, within a campaign the hosts in turn.
// Never: slots or time (lane.ts).
//
// A connection is worth something: a slot may ask for mail of the hosts that it is connected to, and gets the first of
// the next few in turn that has some. Who is passed over keeps the place at the head.

import type { ClaimedDelivery, Stream } from '../../core/message.ts'
import type { DeliveryOrder } from '../../net/delivery/order.ts'
import { Fifo } from './fifo.ts'

/** A delivery in memory with its way. */
export interface Ready {
  readonly delivery: ClaimedDelivery
  readonly transport: DeliveryOrder['transport']
  /** Same hosts, same key: such deliveries share a connection. */
  readonly routeKey: string
  /** It was claimed; absent: it was accepted just now. */
  readonly fromStore?: true
}

/** Of so many messages one is marketing while both wait: a stream of login codes must not stop it for good. */
const MARKETING_TURN = 20
/** How many accounts, and campaigns of each, are looked at for mail to the hosts that a slot is connected to. */
const LOOK_AHEAD = 4

type Campaign = Map<string, Fifo<Ready>>
interface AccountLine {
  readonly campaigns: Map<string, Campaign>
  count: number
}
type Class = Map<string, AccountLine>

export interface Taking {
  /** The hosts that a slot is connected to; null when somebody else should have it. */
  readonly preferred: string | null
  /** Hosts that may not get another message now; null when all may. */
  readonly barred: ReadonlySet<string> | null
}

export class Line {
  readonly #transactional: Class = new Map()
  readonly #marketing: Class = new Map()
  readonly #perAccount = new Map<string, number>()
  readonly #perRoute = new Map<string, number>()
  readonly #fromStore: Record<Stream, number> = { transactional: 0, marketing: 0 }
  #count = 0
  #sinceMarketing = 0

  get size(): number {
    return this.#count
  }

  ofAccount(account: string): number {
    return this.#perAccount.get(account) ?? 0
  }

  fromStore(stream: Stream): number {
    return this.#fromStore[stream]
  }

  hasRoute(routeKey: string): boolean {
    return this.#perRoute.has(routeKey)
  }

  push(ready: Ready): void {
    const { accountId, campaign, stream } = ready.delivery
    const into = stream === 'marketing' ? this.#marketing : this.#transactional
    let account = into.get(accountId)
    if (account === undefined) {
      account = { campaigns: new Map(), count: 0 }
      into.set(accountId, account)
    }
    const label = campaign ?? ''
    let routes = account.campaigns.get(label)
    if (routes === undefined) {
      routes = new Map()
      account.campaigns.set(label, routes)
    }
    let waiting = routes.get(ready.routeKey)
    if (waiting === undefined) {
      waiting = new Fifo<Ready>()
      routes.set(ready.routeKey, waiting)
    }
    waiting.push(ready)
    account.count += 1
    this.#count += 1
    if (ready.fromStore) this.#fromStore[stream] += 1
    add(this.#perAccount, accountId, 1)
    add(this.#perRoute, ready.routeKey, 1)
  }

  /** Undefined when nothing waits, or only for barred hosts. */
  take(taking: Taking): Ready | undefined {
    const both = this.#marketing.size > 0 && this.#transactional.size > 0
    const turn = both && this.#sinceMarketing >= MARKETING_TURN - 1
    const first = turn ? this.#marketing : this.#transactional
    const second = turn ? this.#transactional : this.#marketing
    const ready = takeFrom(first, taking) ?? takeFrom(second, taking)
    if (ready === undefined) return undefined
    const { accountId, stream } = ready.delivery
    this.#sinceMarketing = both && stream !== 'marketing' ? this.#sinceMarketing + 1 : 0
    this.#count -= 1
    if (ready.fromStore) this.#fromStore[stream] -= 1
    add(this.#perAccount, accountId, -1)
    add(this.#perRoute, ready.routeKey, -1)
    return ready
  }

  /** Everything, taken out. */
  drain(): Ready[] {
    const all: Ready[] = []
    for (const line of [this.#transactional, this.#marketing]) {
      for (const { campaigns } of line.values()) {
        for (const routes of campaigns.values()) {
          for (const waiting of routes.values()) {
            for (let ready = waiting.shift(); ready; ready = waiting.shift()) all.push(ready)
          }
        }
      }
      line.clear()
    }
    this.#perAccount.clear()
    this.#perRoute.clear()
    this.#fromStore.transactional = 0
    this.#fromStore.marketing = 0
    this.#count = 0
    return all
  }
}

function takeFrom(line: Class, { preferred, barred }: Taking): Ready | undefined {
  if (line.size === 0) return undefined
  if (preferred !== null && barred?.has(preferred) !== true) {
    const found = search(line, (routes) => (routes.has(preferred) ? preferred : null), LOOK_AHEAD)
    if (found !== undefined) return found
  }
  if (barred === null) return search(line, firstRoute, 1)
  return search(line, (routes) => firstNotIn(routes, barred), Number.POSITIVE_INFINITY)
}

/** The first delivery of the first account, campaign and route, among `width` of the former two, that `pick` likes. */
function search(line: Class, pick: (routes: Campaign) => string | null, width: number): Ready | undefined {
  let accounts = 0
  for (const [accountId, account] of line) {
    let campaigns = 0
    for (const [label, routes] of account.campaigns) {
      const key = pick(routes)
      if (key !== null) return takeAt(line, { accountId, account, label, routes, key })
      campaigns += 1
      if (campaigns >= width) break
    }
    accounts += 1
    if (accounts >= width) break
  }
  return undefined
}

interface Found {
  readonly accountId: string
  readonly account: AccountLine
  readonly label: string
  readonly routes: Campaign
  readonly key: string
}

/** Who had a turn goes to the end of the line. */
function takeAt(line: Class, { accountId, account, label, routes, key }: Found): Ready | undefined {
  const waiting = routes.get(key)
  const ready = waiting?.shift()
  if (waiting === undefined || ready === undefined) return undefined
  rotate(routes, key, waiting, waiting.size === 0)
  rotate(account.campaigns, label, routes, routes.size === 0)
  account.count -= 1
  rotate(line, accountId, account, account.count === 0)
  return ready
}

function rotate<T>(map: Map<string, T>, key: string, value: T, isEmpty: boolean): void {
  if (isEmpty) map.delete(key)
  else if (map.size > 1) {
    map.delete(key)
    map.set(key, value)
  }
}

const firstRoute = (routes: Campaign): string | null => routes.keys().next().value ?? null

function firstNotIn(routes: Campaign, barred: ReadonlySet<string>): string | null {
  for (const key of routes.keys()) if (!barred.has(key)) return key
  return null
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}
