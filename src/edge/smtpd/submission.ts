//
// Owns: the message submission agent as a whole (RFC 6409): starts its listeners, sweeps its sessions, ends it.

import { inNetworks } from '../../config/networks.ts'
import { isLoopback } from '../../config/units.ts'
import type { Certificate } from '../../core/certificate.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import { admission } from './admission.ts'
import type { House } from './house.ts'
import { SubmissionListener } from './listener.ts'
import { type ListenerKind, type ListenerPlace, SESSION_LIMITS, type SubmissionOptions } from './options.ts'
import { receivedBy } from './received.ts'

export interface Submission {
  readonly listeners: readonly { readonly kind: ListenerKind; readonly host: string; readonly port: number }[]
  /** New handshakes use it; sessions go on. */
  reloadCertificate(certificate: Certificate): void
  /** Stops listening, says 421 to who is idle, finishes messages under way for up to `patience`, then closes. */
  drain(patience: Milliseconds): Promise<void>
}

const SWEEP_INTERVAL: Milliseconds = SECOND

export async function startSubmission(options: SubmissionOptions): Promise<Submission> {
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
  const listeners = started.map(({ listener }) => listener)
  const stopSweeping = sweepEverySecond(house, listeners)
  return {
    listeners: started.map(({ place }) => place),
    reloadCertificate(certificate) {
      for (const listener of listeners) listener.reload(certificate)
    },
    async drain(patience) {
      for (const listener of listeners) listener.stopListening()
      for (const listener of listeners) listener.retireAll()
      let stopWaiting = (): void => undefined
      const outOfPatience = new Promise<void>((resolve) => {
        stopWaiting = house.clock.after(patience, resolve)
      })
      await Promise.race([Promise.all(listeners.map((listener) => listener.empty())), outOfPatience])
      stopWaiting()
      for (const listener of listeners) listener.destroyAll()
      stopSweeping()
    },
  }
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

/** One timer for all sessions: one each would be set and cleared four times per message. */
function sweepEverySecond(house: House, listeners: readonly SubmissionListener[]): () => void {
  const sweep = (): void => {
    const now = house.clock.monotonic()
    for (const listener of listeners) listener.sweep(now)
    house.meter.gauge('smtp_connections', house.admission.connections)
    cancel = house.clock.after(SWEEP_INTERVAL, sweep)
  }
  let cancel = house.clock.after(SWEEP_INTERVAL, sweep)
  return () => cancel()
}
