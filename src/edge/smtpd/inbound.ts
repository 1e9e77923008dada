//
// Owns: the inbound MX as a whole: its listeners on port 25, and what their sessions share.

import type { Certificate } from '../../core/certificate.ts'
import { admission } from './admission.ts'
import type { Arrival } from './house.ts'
import type { InboundHouse, InboundOptions } from './inbound-house.ts'
import { InboundSession } from './inbound-session.ts'
import { SmtpListener } from './listener.ts'
import { type Listening, listening, type Started } from './listening.ts'
import { type ListenerPlace, SESSION_LIMITS } from './options.ts'
import { receivedBy } from './received.ts'

class InboundListener extends SmtpListener<InboundSession> {
  readonly #house: InboundHouse

  constructor(place: ListenerPlace, context: { house: InboundHouse; certificate: Certificate }) {
    super(place, { ...context, strangersWelcome: true })
    this.#house = context.house
  }

  protected session(socket: InboundSession['_socket'], arrival: Arrival): InboundSession {
    return new InboundSession(this, socket, { house: this.#house, arrival })
  }
}

export async function startInbound(options: InboundOptions): Promise<Listening> {
  const house = houseOf(options)
  const started: Started[] = []
  for (const { host, port } of options.listeners) {
    const place: ListenerPlace = { kind: 'starttls', host, port }
    const listener = new InboundListener(place, { house, certificate: options.certificate })
    try {
      started.push({ listener, place: await listener.open() })
    } catch (error) {
      for (const { listener: other } of started) other.stopListening()
      throw new Error(`inbound cannot listen on ${host} port ${port}: ${String(error)}`)
    }
  }
  return listening(house, started, (connections) => house.meter.gauge('inbound_connections', connections))
}

function houseOf(options: InboundOptions): InboundHouse {
  const { hostname, clock, ids, log, meter, desk, maxMessageSize, greetingPause } = options
  // Nobody proves who he is here. The place kept free is for whoever comes next: the one that was here longest goes for
  // it, or a few addresses that say nothing would hold the port (T17).
  const limits = { ...SESSION_LIMITS, ...options.limits, connectionsReserved: 1 }
  return {
    hostname,
    clock,
    ids,
    log,
    meter,
    limits,
    admission: admission(limits),
    maxMessageSize,
    received: receivedBy(hostname),
    isKeyless: () => false,
    desk,
    greetingPause,
  }
}
