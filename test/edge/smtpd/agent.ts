//
// Owns: a submission agent on real sockets with a door that writes down what it was given.

import { FULL_ACCESS } from '../../../src/core/access.ts'
import type { ApiKey } from '../../../src/core/account.ts'
import type { Domain } from '../../../src/core/address.ts'
import { type AccountId, idsFor, type KeyId } from '../../../src/core/ids.ts'
import type { Log, Meter } from '../../../src/core/ports.ts'
import { fault, ok } from '../../../src/core/result.ts'
import type { Submitter } from '../../../src/core/submission.ts'
import type { Listening } from '../../../src/edge/smtpd/listening.ts'
import type { SubmissionOptions } from '../../../src/edge/smtpd/options.ts'
import { startSubmission } from '../../../src/edge/smtpd/submission.ts'
import { FailureBrake } from '../../../src/services/accounts/failure-brake.ts'
import type { Door, RawSubmission } from '../../../src/services/submission/door.ts'
import type { Refusal } from '../../../src/services/submission/refusal.ts'
import { selfSigned } from '../../support/certificate.ts'
import { steadyClock } from '../../support/steady-clock.ts'

export const HOSTNAME = 'mail.example.com'
export const KEY = 'mwk_live_0123456789abcdefghij'
export const TEST_KEY = 'mwk_test_0123456789abcdefghij'
export const LOCAL: Submitter = { accountId: 'acc_local' as AccountId, keyId: null, mode: 'live' }

const keyNamed = (name: string, mode: ApiKey['mode']): ApiKey => ({
  id: `key_${name}` as KeyId,
  accountId: 'acc_shop' as AccountId,
  name,
  mode,
  prefix: '',
  createdAt: 0,
  lastUsedAt: null,
  lastUsedFrom: null,
  ...FULL_ACCESS,
  revokedAt: null,
})
const KEYS: Readonly<Record<string, ApiKey>> = {
  [KEY]: keyNamed('shop', 'live'),
  [TEST_KEY]: keyNamed('trial', 'test'),
}

export interface RecordingDoor extends Door {
  readonly messages: RawSubmission[]
  /** Refusals to give before anything is accepted. */
  readonly refusals: Refusal[]
  /** While set, answers wait for it. */
  gate: Promise<void> | null
}

export function recordingDoor(limits: Partial<Door['limits']> = {}): RecordingDoor {
  const ids = idsFor('t', () => Date.now())
  const door: RecordingDoor = {
    messages: [],
    refusals: [],
    gate: null,
    limits: { maxRecipients: 1000, maxMessageSize: 25_000_000, ...limits },
    ways: { baseFor: () => `https://${HOSTNAME}`, host: HOSTNAME as Domain },
    submit: () => Promise.reject(new Error('SMTP hands over bytes')),
    submitAll: () => Promise.reject(new Error('SMTP hands over one message')),
    async submitRaw(raw) {
      await door.gate
      const refusal = door.refusals.shift()
      if (refusal) return fault(refusal)
      // What comes by SMTP is the listener's again after the answer.
      door.messages.push({ ...raw, bytes: Buffer.from(raw.bytes) })
      return ok({
        messageId: ids.message(),
        status: 'queued',
        estimatedDelivery: '<200ms',
        replayed: false,
      })
    },
  }
  return door
}

const silent = (): void => undefined
export const quietLog: Log = { debug: silent, info: silent, warn: silent, error: silent }
export const noMeter: Meter = { count: silent, observe: silent, gauge: silent }

export interface Agent extends Listening {
  readonly door: RecordingDoor
  port(kind: 'starttls' | 'tls' | 'plain'): number
  stop(): Promise<void>
}

export async function agent(
  changes: Partial<Omit<SubmissionOptions, 'door'>> & { door?: RecordingDoor } = {},
): Promise<Agent> {
  const door = changes.door ?? recordingDoor()
  const submission = await startSubmission({
    hostname: HOSTNAME,
    listeners: [
      { kind: 'starttls', host: '127.0.0.1', port: 0 },
      { kind: 'tls', host: '127.0.0.1', port: 0 },
      { kind: 'plain', host: '127.0.0.1', port: 0 },
    ],
    certificate: selfSigned(HOSTNAME),
    brake: new FailureBrake(),
    authenticator: { authenticate: async (secret) => KEYS[secret] ?? null },
    keylessNetworks: [],
    keylessSubmitter: () => LOCAL,
    clock: steadyClock,
    ids: idsFor('t', () => Date.now()),
    log: quietLog,
    meter: noMeter,
    ...changes,
    door,
  })
  return {
    ...submission,
    door,
    port: (kind) => submission.listeners.find((listener) => listener.kind === kind)?.port ?? 0,
    stop: () => submission.drain(0),
  }
}

/** 127.0.0.0/8 may submit without a key. */
export const LOOPBACK = [{ address: '127.0.0.0', prefix: 8 }]
