//
// Owns: open listeners of one role together: one sweep a second, the certificate, and their end.

import type { Certificate } from '../../core/certificate.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { ListenerConnection } from './connection.ts'
import type { AnyHouse } from './house.ts'
import type { SmtpListener } from './listener.ts'
import type { ListenerPlace } from './options.ts'

export interface Listening {
  readonly listeners: readonly ListenerPlace[]
  /** New handshakes use it; sessions go on. */
  reloadCertificate(certificate: Certificate): void
  /** Stops listening, says 421 to who is idle, finishes messages under way for up to `patience`, then closes. */
  drain(patience: Milliseconds): Promise<void>
}

export interface Started {
  readonly listener: SmtpListener<ListenerConnection<AnyHouse>>
  /** With the port that port 0 became. */
  readonly place: ListenerPlace
}

const SWEEP_INTERVAL: Milliseconds = SECOND

/** `figure` hears once a second how many connections are open. */
export function listening(
  house: AnyHouse,
  started: readonly Started[],
  figure: (connections: number) => void,
): Listening {
  const listeners = started.map(({ listener }) => listener)
  const stopSweeping = sweepEverySecond(house, listeners, figure)
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

/** One timer for all sessions: one each would be set and cleared four times per message. */
function sweepEverySecond(
  house: AnyHouse,
  listeners: readonly Started['listener'][],
  figure: (connections: number) => void,
): () => void {
  const sweep = (): void => {
    const now = house.clock.monotonic()
    for (const listener of listeners) listener.sweep(now)
    figure(house.admission.connections)
    cancel = house.clock.after(SWEEP_INTERVAL, sweep)
  }
  let cancel = house.clock.after(SWEEP_INTERVAL, sweep)
  return () => cancel()
}
