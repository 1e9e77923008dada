//
// Owns: one bounce on the way that bounces take: a mail that the sandbox takes, then a report about it (RFC 3464) as a
// receiver's host would bring it, to whatever the MX record of the return path names, and the wait for its event.
// Never: writes to a stranger for it: a mailbox that does not exist costs reputation where it does not.

import { parseDomain } from '../../core/address.ts'
import type { DeliveryId, MessageId } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import { verpFor } from '../../mail/tracking/verp.ts'
import type { Resolver } from '../../net/dns/resolver.ts'
import { bring } from '../../net/probe/bring.ts'
import { returnPathHost } from '../domains/records.ts'

export interface TripParts {
  readonly domains: () => Promise<readonly { readonly name: string; readonly account: string }[]>
  /** Accepts a mail from this domain to the sandbox. */
  readonly send: (ask: {
    readonly account: string
    readonly from: string
    readonly to: string
  }) => Promise<Result<MessageId, { readonly code: string; readonly message: string }>>
  readonly deliveries: (
    id: MessageId,
  ) => Promise<readonly { readonly id: DeliveryId; readonly state: string; readonly recipient: string }[]>
  readonly verpKey: Uint8Array
  readonly resolver: Pick<Resolver, 'mx' | 'addresses'>
  /** 25; elsewhere in labs. */
  readonly port: number
  readonly clock: Clock
}

export interface Step {
  readonly what: string
  readonly ok: boolean
  readonly said: string
}

export interface Trip {
  readonly domain: string
  readonly message: string
  readonly return_path: string
  readonly steps: readonly Step[]
  readonly came_back: boolean
}

const RECIPIENT = 'delivered+doctor@sandbox.mailwok.test'
const HELLO = 'doctor.sandbox.mailwok.test'
const BRING_WITHIN: Milliseconds = 30 * SECOND
const WAIT: Milliseconds = 15 * SECOND
const LOOK_EVERY: Milliseconds = SECOND / 4

type TripFault = { readonly code: string; readonly message: string }

export class BounceTrip {
  readonly #parts: TripParts

  constructor(parts: TripParts) {
    this.#parts = parts
  }

  async make(wanted: string | null): Promise<Result<Trip, TripFault>> {
    const all = await this.#parts.domains()
    const chosen = wanted === null ? all[0] : all.find(({ name }) => name === wanted)
    if (chosen === undefined) {
      const message =
        wanted === null ? 'no sending domain has been added' : `${wanted} is no sending domain of this server`
      return fault({ code: 'not_found', message })
    }
    const parsed = parseDomain(returnPathHost(chosen.name as never))
    if (!parsed.ok) return fault({ code: 'invalid_domain', message: `${chosen.name} is no domain` })
    const steps: Step[] = []
    const sent = await this.#parts.send({
      account: chosen.account,
      from: `doctor@${chosen.name}`,
      to: RECIPIENT,
    })
    if (!sent.ok) return sent
    const id = sent.value
    const delivery = await this.#until(async () =>
      (await this.#deliveries(id)).find(({ state }) => state === 'delivered'),
    )
    steps.push({
      what: `send to ${RECIPIENT}`,
      ok: delivery !== null,
      said: delivery === null ? 'it was not delivered in time' : `delivered, ${id}`,
    })
    if (delivery === null)
      return ok({ domain: chosen.name, message: id, return_path: '', steps, came_back: false })
    const path = verpFor(delivery.id, parsed.value, this.#parts.verpKey)
    const trip = { domain: chosen.name, message: id, return_path: path }
    const places = await this.#places(parsed.value, steps)
    const isTaken = await this.#bring(places, path, steps)
    if (!isTaken) return ok({ ...trip, steps, came_back: false })
    const bounced = await this.#until(async () =>
      (await this.#deliveries(id)).find(({ state }) => state === 'bounced'),
    )
    const said = bounced === null ? 'no event in the log' : 'the log says bounced'
    steps.push({ what: 'find it in the log', ok: bounced !== null, said })
    return ok({ ...trip, steps, came_back: bounced !== null })
  }

  #deliveries(id: MessageId) {
    return this.#parts.deliveries(id)
  }

  /** As any receiver finds the way back (RFC 5321 §5.1). */
  async #places(
    host: string,
    steps: Step[],
  ): Promise<readonly { readonly host: string; readonly address: string }[]> {
    const { resolver } = this.#parts
    const found = await resolver.mx(host)
    const [first] = found.ok ? found.value.records.toSorted((a, b) => a.preference - b.preference) : []
    const said =
      first === undefined
        ? `none (${found.ok ? 'no records' : found.error})`
        : `${first.preference} ${first.exchange}`
    steps.push({ what: `look up the MX of ${host}`, ok: first !== undefined, said })
    if (first === undefined) return []
    const at = await resolver.addresses(first.exchange)
    const addresses = at.ok ? at.value.records : []
    steps.push({
      what: `look up ${first.exchange}`,
      ok: addresses.length > 0,
      said: addresses.join(', ') || (at.ok ? 'no records' : at.error),
    })
    return addresses.map((address) => ({ host: first.exchange, address }))
  }

  async #bring(
    places: readonly { readonly host: string; readonly address: string }[],
    to: string,
    steps: Step[],
  ): Promise<boolean> {
    const { clock, port } = this.#parts
    const message = reportFor(to, clock.now())
    for (const { address, host } of places) {
      const said = await bring({ host: address, port, hello: HELLO, to, message }, BRING_WITHIN)
      steps.push({
        what: `bring the bounce to ${host} (${address}) port ${port}`,
        ok: said.ok,
        said: said.ok ? said.value : said.error,
      })
      if (said.ok) return true
    }
    return false
  }

  async #until<T>(look: () => Promise<T | undefined>): Promise<T | null> {
    const { clock } = this.#parts
    for (let turn = 0; turn < WAIT / LOOK_EVERY; turn++) {
      const seen = await look()
      if (seen !== undefined) return seen
      await new Promise<void>((done) => void clock.after(LOOK_EVERY, done))
    }
    return null
  }
}

/** RFC 3464 §2, as short as it may be. */
const reportFor = (to: string, now: Milliseconds): string =>
  [
    `From: Mail Delivery System <MAILER-DAEMON@${HELLO}>`,
    `To: ${to}`,
    'Subject: Undelivered Mail Returned to Sender',
    `Date: ${new Date(now).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <doctor.${now}@${HELLO}>`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="doctor"',
    '',
    '--doctor',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'mailwok doctor bounce: this mailbox does not exist.',
    '',
    '--doctor',
    'Content-Type: message/delivery-status',
    '',
    `Reporting-MTA: dns; ${HELLO}`,
    '',
    `Final-Recipient: rfc822; ${RECIPIENT}`,
    'Action: failed',
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1 no such user',
    '',
    '--doctor--',
  ].join('\r\n')
