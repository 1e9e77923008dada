//
// Owns: one look at a domain with all that follows from it: what is recorded, told, and which keys change their turns.

import type { StoredDkimKey } from '../../core/account.ts'
import type { Domain } from '../../core/address.ts'
import { type AccountEvent, type DomainEventType, NO_MESSAGE } from '../../core/event.ts'
import type { Finding } from '../../core/finding.ts'
import type { Ids } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import { ok, type Result } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { Resolver } from '../../net/dns/resolver.ts'
import type { DomainStore } from '../../store/domain-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import type { KeyRing } from './key-ring.ts'
import type { DomainWithRecords } from './known-domain.ts'
import { look } from './look.ts'
import { type DnsRecord, goneAfter, type OwnNames, recordsFor } from './records.ts'
import { decideRotation, type Rotation } from './rotation.ts'
import { judgeLook } from './verification.ts'

export interface LookingParts {
  readonly directory: DomainStore
  readonly resolver: Resolver
  readonly clock: Clock
  readonly ids: Pick<Ids, 'event'>
  readonly own: OwnNames
  readonly ring: KeyRing
  readonly checkEvery: Milliseconds
  readonly rotateEvery: Milliseconds | null
  readonly onChanged: (domain: Domain) => void
}

type Subject = Pick<DomainWithRecords, 'domain' | 'keys' | 'care'>

export class Looking {
  readonly #parts: LookingParts

  constructor(parts: LookingParts) {
    this.#parts = parts
  }

  /** What it tells, after all of it is in the store. */
  async look({ care, domain, keys }: Subject): Promise<Result<readonly AccountEvent[], StoreFault>> {
    const { checkEvery: every, clock, directory, onChanged, own, resolver } = this.#parts
    const seen = await look(resolver, { domain, keys, own })
    const now = clock.now()
    const outcome = judgeLook({
      domain,
      keys,
      care,
      look: seen,
      now,
      every,
      chance: chanceOf(domain.name, now),
    })
    const events = outcome.told.map(({ actions, reason, type }) =>
      this.#event(domain, type, { reason, actions: actions.map(actionView) }),
    )
    const recorded = await directory.recordLook({
      name: domain.name,
      checks: outcome.checks,
      at: now,
      verifiedAt: outcome.verifiedAt,
      care: outcome.care,
      sights: outcome.keys,
      events,
    })
    if (!recorded.ok) return recorded
    const turned = await this.#turn({ ...domain, checks: outcome.checks }, outcome.keys)
    onChanged(domain.name)
    return turned.ok ? ok([...events, ...turned.value]) : turned
  }

  /** Another node may be at it: what it has done is done. */
  async #turn(
    domain: Subject['domain'],
    keys: readonly StoredDkimKey[],
  ): Promise<Result<readonly AccountEvent[], StoreFault>> {
    const { clock, directory, own, ring, rotateEvery } = this.#parts
    const now = clock.now()
    const rotation = decideRotation({
      keys,
      now,
      every: domain.dkimRotation ? rotateEvery : null,
      wanted: domain.rotationWanted,
      fixedNames: (own.dkimZone ?? '') !== '',
    })
    const { activate, grants, make, remove } = rotation
    if (activate.length + make.length + remove.length === 0) return ok([])
    const add = await Promise.all(
      make.map((place) => ring.make({ ...place, domain: domain.name, state: 'next' })),
    )
    const events = activate.length === 0 ? [] : [this.#rotated(domain, { keys, rotation, add, now })]
    const done = await directory.changeKeys({
      domain: domain.name,
      at: now,
      activate,
      add,
      remove,
      grants,
      events,
    })
    if (done.ok) return ok(events)
    return done.error === 'exists' ? ok([]) : { ok: false, error: done.error }
  }

  #rotated(domain: Subject['domain'], { add, keys, now, rotation }: Turned): AccountEvent {
    const { own } = this.#parts
    const names = rotation.activate.map(({ selector }) => selector)
    const retired = keys.filter(
      ({ algorithm, state }) =>
        state === 'active' && rotation.activate.some((one) => one.algorithm === algorithm),
    )
    return this.#event(domain, 'domain.dkim_rotated', {
      reason: `Mail of ${domain.name} is signed with other keys from now on: ${names.join(', ')}.`,
      selectors: names,
      retired: retired.map((key) => ({
        selector: key.selector,
        publish_until: goneAfter({ createdAt: key.createdAt, retiredAt: now }),
      })),
      publish: recordsFor(domain, add, own, null)
        .filter(({ check }) => check === 'dkimNext')
        .map(recordView),
    })
  }

  #event(
    { accountId, name }: Subject['domain'],
    type: DomainEventType,
    details: Readonly<Record<string, unknown>>,
  ): AccountEvent {
    const { clock, ids } = this.#parts
    return {
      id: ids.event(),
      accountId,
      messageId: NO_MESSAGE,
      recipient: null,
      type,
      subject: name,
      at: clock.now(),
      details: { domain: name, ...details },
    }
  }
}

interface Turned {
  readonly keys: readonly StoredDkimKey[]
  readonly rotation: Rotation
  readonly add: readonly StoredDkimKey[]
  readonly now: Milliseconds
}

const actionView = ({ check, fix, message, name, state }: Finding) => ({ check, name, state, message, fix })

const recordView = ({ name, type, value }: DnsRecord) => ({ type, name, value })

/** From 0 to 1, another for each name: that is all which is wanted of chance here. */
function chanceOf(name: string, now: Milliseconds): number {
  let sum = Math.floor(now / 60_000)
  for (const letter of name) sum = (sum * 31 + letter.charCodeAt(0)) % 9973
  return sum / 9972
}
