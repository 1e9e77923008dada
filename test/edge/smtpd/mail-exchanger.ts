//
// Owns: an inbound MX on real sockets with a desk that writes down what it was given. Local parts say what becomes of
// mail: `nobody` is not there, `later` is put off at the final dot, `refused` is refused there.

import { domainOf, type ForwardPath, localPartOf } from '../../../src/core/address.ts'
import { idsFor } from '../../../src/core/ids.ts'
import { fault, ok } from '../../../src/core/result.ts'
import { startInbound } from '../../../src/edge/smtpd/inbound.ts'
import type { InboundOptions } from '../../../src/edge/smtpd/inbound-house.ts'
import type { InboundDesk } from '../../../src/services/inbound/inbound.ts'
import { type Incoming, later, refused, taken } from '../../../src/services/inbound/incoming.ts'
import { selfSigned } from '../../support/certificate.ts'
import { steadyClock } from '../../support/steady-clock.ts'
import { HOSTNAME, noMeter, quietLog } from './agent.ts'

export interface RecordingDesk extends InboundDesk {
  readonly messages: Incoming[]
}

export interface MailExchanger {
  readonly desk: RecordingDesk
  readonly port: number
  stop(): Promise<void>
}

export function recordingDesk(): RecordingDesk {
  const messages: Incoming[] = []
  return {
    messages,
    async judge(path: ForwardPath) {
      if (domainOf(path) !== HOSTNAME) return fault('not-ours')
      return localPartOf(path) === 'nobody' ? fault('unknown') : ok({ kind: 'operator' })
    },
    async take(incoming) {
      const locals = [...incoming.recipients.keys()].map(localPartOf)
      if (locals.includes('later')) return later('a reason of ours')
      if (locals.includes('refused')) return refused('5.6.0', 'It cannot be read')
      // Its memory is the listener's again after the answer.
      messages.push({ ...incoming, bytes: Buffer.from(incoming.bytes) })
      return taken('forwarded')
    },
  }
}

export async function mailExchanger(
  changes: Partial<Omit<InboundOptions, 'desk'>> = {},
): Promise<MailExchanger> {
  const desk = recordingDesk()
  const listening = await startInbound({
    hostname: HOSTNAME,
    listeners: [{ host: '127.0.0.1', port: 0 }],
    certificate: selfSigned(HOSTNAME),
    clock: steadyClock,
    ids: idsFor('t', () => Date.now()),
    log: quietLog,
    meter: noMeter,
    maxMessageSize: 100_000,
    greetingPause: 0,
    ...changes,
    desk,
  })
  return { desk, port: listening.listeners[0]?.port ?? 0, stop: () => listening.drain(0) }
}
