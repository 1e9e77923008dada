//
// Owns: the making, sealing and opening of DKIM keys: private keys are in the clear here and in the delivery workers alone.
// Never: which key signs (rotation.ts).

import type { DkimAlgorithm, StoredDkimKey } from '../../core/account.ts'
import type { Domain } from '../../core/address.ts'
import type { Clock } from '../../core/ports.ts'
import { type GeneratedKey, generateKey } from '../../mail/dkim/key.ts'
import type { SigningKeyMaterial } from '../../net/delivery/order.ts'
import { dkimName } from './records.ts'
import { ALGORITHMS, highest, selectorOf } from './rotation.ts'
import type { Secrets } from './secret.ts'

export interface KeyRingParts {
  readonly secrets: Secrets
  readonly clock: Clock
  /** generateKey unless said: primes are chance, and cost a second. */
  readonly newKey?: (algorithm: DkimAlgorithm) => Promise<GeneratedKey>
}

export interface KeyPlace {
  readonly domain: Domain
  readonly selector: string
  readonly algorithm: DkimAlgorithm
  readonly state: StoredDkimKey['state']
  readonly origin?: StoredDkimKey['origin']
}

export class KeyRing {
  readonly #parts: KeyRingParts

  constructor(parts: KeyRingParts) {
    this.#parts = parts
  }

  async make(place: KeyPlace): Promise<StoredDkimKey> {
    const { newKey = generateKey } = this.#parts
    return this.keep(place, await newKey(place.algorithm))
  }

  /** Of each algorithm one that signs and one that is to sign next: both are published on the first day. */
  makeAll(domain: Domain, brought: readonly StoredDkimKey[]): Promise<readonly StoredDkimKey[]> {
    const first = 1 + highest(brought)
    const places = ALGORITHMS.flatMap((algorithm): KeyPlace[] => {
      const own = brought.filter((key) => key.algorithm === algorithm)
      const states = own.length === 0 ? (['active', 'next'] as const) : (['next'] as const)
      return states.map((state, at) => ({
        domain,
        algorithm,
        state,
        selector: selectorOf(first + at, algorithm),
      }))
    })
    return Promise.all(places.map((place) => this.make(place))).then((made) => [...brought, ...made])
  }

  keep(place: KeyPlace, { privateKey, publicKey }: GeneratedKey): StoredDkimKey {
    const { clock, secrets } = this.#parts
    const { algorithm, domain, origin = 'made', selector, state } = place
    const now = clock.now()
    return {
      domain,
      selector,
      algorithm,
      publicKey,
      sealedPrivateKey: secrets.seal(purposeOf(place), Buffer.from(privateKey, 'latin1')),
      createdAt: now,
      state,
      origin,
      activatedAt: state === 'active' ? now : null,
      retiredAt: null,
      seenSince: null,
      seenAt: null,
      seenLooks: 0,
    }
  }

  open(key: StoredDkimKey): SigningKeyMaterial {
    const opened = this.#parts.secrets.open(purposeOf(key), key.sealedPrivateKey)
    // Signing with nothing would be worse than waiting: the operator has to bring the right secret back.
    if (!opened.ok) throw new Error(`the private key of ${dkimName(key)} cannot be opened: ${opened.error}`)
    const { domain, selector, algorithm } = key
    return { domain, selector, algorithm, privateKey: Buffer.from(opened.value).toString('latin1') }
  }
}

/** Bound to its name: a sealed key cannot be put in the place of another. */
const purposeOf = (key: Pick<StoredDkimKey, 'domain' | 'selector'>): string => `dkim ${dkimName(key)}`
