//
// Owns: the admin actions of the doctor on a running node.

import type { MessageId } from '../core/ids.ts'
import { fault, ok } from '../core/result.ts'
import { BounceTrip, type TripParts } from '../services/doctor/bounce.ts'
import type { Doctor } from '../services/doctor/doctor.ts'
import type { Store } from '../store/store.ts'
import type { AdminActions } from './admin.ts'
import { accountNames } from './directory.ts'
import { type MailParts, mailActions } from './mail.ts'

export interface DoctorNode extends Pick<TripParts, 'verpKey' | 'resolver' | 'port'> {
  readonly doctor: Doctor
  readonly weekly: () => Promise<string>
}

export interface DoctorActionParts extends MailParts {
  readonly store: Store
  /** Null: the store was opened for one command; `mailwok doctor` goes another way then. */
  readonly doctorNode: DoctorNode | null
}

type DoctorActions = Pick<AdminActions, 'doctor' | 'doctorBounce' | 'weeklyReport'>

export function doctorActions(parts: DoctorActionParts): DoctorActions {
  const { doctorNode } = parts
  if (doctorNode === null) {
    const none = async () => NO_NODE
    return { doctor: none, doctorBounce: none, weeklyReport: none }
  }
  const trip = tripOf(parts, doctorNode)
  return {
    doctor: async ({ depth }) => ok(await doctorNode.doctor.examine(depth)),
    doctorBounce: ({ domain }) => trip.make(domain),
    weeklyReport: async () => ok({ text: await doctorNode.weekly() }),
  }
}

function tripOf(parts: DoctorActionParts, node: DoctorNode): BounceTrip {
  const { accounts, clock, messages, store } = parts
  const { send } = mailActions(parts)
  return new BounceTrip({
    ...node,
    clock,
    domains: async () => {
      const nameOf = await accountNames(accounts)
      return (await store.directory.domains(null)).map(({ accountId, name }) => ({
        name,
        account: nameOf(accountId),
      }))
    },
    send: async ({ account, from, to }) => {
      const text = 'mailwok doctor bounce'
      const sent = await send({ account, from, to: [to], subject: text, text, html: null, tags: [] })
      return sent.ok ? ok(sent.value.message_id as MessageId) : sent
    },
    deliveries: (id) => messages.deliveries(id),
  })
}

const NO_NODE = fault({ code: 'no_node', message: 'no node runs; start it first: systemctl start mailwok' })
