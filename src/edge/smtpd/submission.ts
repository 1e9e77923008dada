//
// Owns: the message submission agent as a whole (RFC 6409): what its listeners share, and that none of them is unsafe.

import { inNetworks } from '../../config/networks.ts'
import { isLoopback } from '../../config/units.ts'
import { admission } from './admission.ts'
import type { House } from './house.ts'
import { type Listening, listening } from './listening.ts'
import { type ListenerPlace, SESSION_LIMITS, type SubmissionOptions } from './options.ts'
import { receivedBy } from './received.ts'
import { SubmissionListener } from './submission-listener.ts'

export async function startSubmission(options: SubmissionOptions): Promise<Listening> {
  for (const place of options.listeners) refuseUnsafe(place, options)
  const house = houseOf(options)
  const started: { listener: SubmissionListener; place: ListenerPlace }[] = []
  for (const place of options.listeners) {
    const strangersWelcome = place.kind !== 'plain' || isLoopback(place.host)
    const listener = new SubmissionListener(place, {
      house,
      certificate: place.kind === 'plain' ? null : options.certificate,
      strangersWelcome,
    })
    try {
      started.push({ listener, place: await listener.open() })
    } catch (error) {
      for (const { listener: other } of started) other.stopListening()
      throw new Error(
        `submission cannot listen on ${place.host} port ${place.port} (${place.kind}): ${String(error)}`,
      )
    }
  }
  return listening(house, started, (connections) => house.meter.gauge('smtp_connections', connections))
}

function houseOf(options: SubmissionOptions): House {
  const limits = { ...SESSION_LIMITS, ...options.limits }
  return {
    hostname: options.hostname,
    door: options.door,
    authenticator: options.authenticator,
    keylessSubmitter: options.keylessSubmitter,
    clock: options.clock,
    ids: options.ids,
    log: options.log,
    meter: options.meter,
    limits,
    maxMessageSize: options.door.limits.maxMessageSize,
    admission: admission(limits),
    brake: options.brake,
    received: receivedBy(options.hostname),
    isKeyless: inNetworks(options.keylessNetworks),
  }
}

/** Nobody may read a message or a key off the wire because of a slip in the configuration (T4, T5). */
function refuseUnsafe(place: ListenerPlace, options: SubmissionOptions): void {
  if (place.kind !== 'plain' && !options.certificate) {
    throw new Error(`submission.${place.kind} needs a certificate`)
  }
  if (place.kind === 'plain' && !isLoopback(place.host) && options.keylessNetworks.length === 0) {
    throw new Error(
      `submission.plain is ${place.host}: without TLS only a loopback address is allowed, ` +
        'or name the networks it serves in submission.keyless_networks',
    )
  }
}
