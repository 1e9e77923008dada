//
// Owns: group commit. It commits at once when idle; what arrives during a commit shares the next one; no timer.
// Never: acknowledges before COMMIT was answered.
//
// A group that is refused as a whole is tried again member by member: one refusal refuses one member. That costs a
// commit for each, but only after a bug; a savepoint for each member would cost every group two statements a member.

import type { Clock, Log, Meter } from '../../core/ports.ts'
import type { ClaimedRow } from '../rows.ts'
import type { Holder, Together } from '../store.ts'
import type { StoreFault } from '../store-fault.ts'
import { takeKeys, writeAcceptances } from './accept.ts'
import { writeClaim } from './claim.ts'
import { CommitUnknown, type Trouble, troubleOf } from './faults.ts'
import { Inbox, type Member } from './inbox.ts'
import { type DoubtfulLease, freeThese, introduce } from './leases.ts'
import { LineLedger } from './lines.ts'
import { writeSettlements } from './settle.ts'
import { type Transaction, Writer } from './writer.ts'

/** Deadlocks are answered after a second each; past three something else is wrong. */
const TRIES = 3

type Told = () => void
type Kind<K extends Member['kind']> = Extract<Member, { kind: K }>

export class GroupCommit {
  readonly #inbox: Inbox
  readonly #writer: Writer
  readonly #log: Log
  readonly #meter: Meter
  #running: Promise<void> | null = null
  #closed = false
  /** The holder whose boot is known to the store. */
  #met = ''
  /** Leases of commits whose answer was lost; set free before the next commit. */
  #doubtful: DoubtfulLease[] = []

  constructor(options: { url: string; clock: Clock; log: Log; meter: Meter; inboxBytes: number }) {
    this.#inbox = new Inbox(options.inboxBytes)
    this.#log = options.log
    this.#meter = options.meter
    this.#writer = new Writer({ ...options, onDoubt: (tx) => this.#clearDoubts(tx) })
  }

  put(member: Member): void {
    if (this.#closed) member.failed('unavailable', new Error('the store is closed'))
    else if (!this.#inbox.put(member)) member.failed('busy', new Error('the inbox of the writer is full'))
    else this.#running ??= this.#run()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#running
    await this.#writer.close()
  }

  async #run(): Promise<void> {
    // One turn of the microtasks: what is put in one go is one group.
    await null
    while (!this.#inbox.empty) await this.#commit(this.#inbox.take(), 1)
    this.#running = null
  }

  async #commit(members: readonly Member[], attempt: number): Promise<void> {
    const leases: DoubtfulLease[] = []
    try {
      const stranger = this.#stranger(members)
      const told = await this.#writer.transact(async (tx) => {
        const [ends] = await Promise.all([
          writeMembers(tx, members, leases),
          stranger && introduce(tx, stranger),
        ])
        return ends
      })
      this.#meter.observe('store_group_size', members.length)
      if (stranger) this.#met = nameOf(stranger)
      for (const tell of told) tell()
    } catch (error) {
      if (error instanceof CommitUnknown) this.#doubtful.push(...leases)
      await this.#afterFault(members, attempt, error)
    }
  }

  /** Who takes its first leases in this group. */
  #stranger(members: readonly Member[]): Holder | null {
    for (const member of members) {
      if (member.kind === 'settle') continue
      const holder = member.kind === 'accept' ? member.together.holder : member.holder
      return nameOf(holder) === this.#met ? null : holder
    }
    return null
  }

  async #afterFault(members: readonly Member[], attempt: number, error: unknown): Promise<void> {
    const trouble: Trouble = error instanceof CommitUnknown ? 'unavailable' : troubleOf(error)
    if (trouble === 'again' && attempt < TRIES) return this.#commit(members, attempt + 1)
    const faulty = trouble === 'exists' || trouble === 'refused'
    if (faulty && members.length > 1) {
      this.#log.warn('a group was refused; its members are tried one by one', { error: String(error) })
      for (const member of members) await this.#commit([member], 1)
      return
    }
    const why: StoreFault | 'refused' = faulty ? 'refused' : trouble === 'full' ? 'full' : 'unavailable'
    for (const member of members) member.failed(why, error)
  }

  async #clearDoubts(tx: Transaction): Promise<() => void> {
    const leases = this.#doubtful
    const freed = leases.length > 0 ? await freeThese(tx, leases) : 0
    return () => {
      this.#doubtful = []
      this.#log.warn('a commit without answer was looked into', { leases: leases.length, freed })
    }
  }
}

/** All statements of a group but COMMIT. What it returns is to be told once that was answered. */
async function writeMembers(
  tx: Transaction,
  members: readonly Member[],
  leases: DoubtfulLease[],
): Promise<readonly Told[]> {
  const accepts = members.filter((member): member is Kind<'accept'> => member.kind === 'accept')
  const settles = members.filter((member): member is Kind<'settle'> => member.kind === 'settle')
  const claims = members.filter((member): member is Kind<'claim'> => member.kind === 'claim')
  const ledger = new LineLedger()
  // Side by side: each sends its statements at once, and none waits for the answer of another.
  const told = await Promise.all([
    acceptAll(tx, accepts, ledger),
    settleAll(tx, settles, ledger),
    ...claims.map((claim) => claimOne(tx, claim, ledger)),
  ])
  await ledger.write(tx)
  for (const { together } of accepts) leases.push(...leasesOf(together))
  for (const rows of told.flatMap((one) => one.claimed)) leases.push(...rows)
  return told.map((one) => one.tell)
}

interface Written {
  readonly tell: Told
  readonly claimed: readonly DoubtfulLease[][]
}

async function acceptAll(
  tx: Transaction,
  members: readonly Kind<'accept'>[],
  ledger: LineLedger,
): Promise<Written> {
  const all = members.map(({ together }) => together)
  const conflicting = await takeKeys(tx, all)
  const fresh = conflicting.size === 0 ? all : all.filter((one) => !conflicting.has(one))
  const [first] = fresh
  if (first) {
    const acceptances = fresh.flatMap((one) => one.acceptances)
    await writeAcceptances(tx, acceptances, first.holder, ledger)
  }
  const tell = () => {
    for (const member of members)
      member.done(conflicting.has(member.together) ? 'idempotency-conflict' : null)
  }
  return { tell, claimed: [] }
}

async function settleAll(
  tx: Transaction,
  members: readonly Kind<'settle'>[],
  ledger: LineLedger,
): Promise<Written> {
  const [first] = members
  if (!first) return { tell: () => undefined, claimed: [] }
  const all = members.flatMap(({ settlements }) => settlements)
  const held = await writeSettlements(tx, all, first.holder, ledger)
  const tell = () => {
    for (const { settlements, done } of members) {
      const settled = settlements.reduce((sum, one) => sum + (held.has(one.deliveryId) ? 1 : 0), 0)
      done({ settled, stale: settlements.length - settled })
    }
  }
  return { tell, claimed: [] }
}

async function claimOne(tx: Transaction, member: Kind<'claim'>, ledger: LineLedger): Promise<Written> {
  const rows: readonly ClaimedRow[] = await writeClaim(tx, member.order, member.holder, ledger)
  return { tell: () => member.done(rows), claimed: [rows.map((row) => lease(row.id, member.holder))] }
}

const nameOf = ({ node, boot }: Holder): string => `${node} ${boot}`
const lease = (id: string, { node, boot }: Holder): DoubtfulLease => ({ delivery_id: id, node, boot })

const leasesOf = ({ acceptances, holder }: Together): DoubtfulLease[] =>
  acceptances.flatMap(({ deliveries }) =>
    deliveries.filter((delivery) => delivery.leased).map((delivery) => lease(delivery.id, holder)),
  )
