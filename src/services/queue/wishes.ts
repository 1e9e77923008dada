//
// Owns: what a submitter's wishes (RFC 3461, RFC 8689) come to for one recipient's order. Pure.

import type { ClaimedDelivery } from '../../core/message.ts'
import type { DsnAsk } from '../../net/delivery/order.ts'

/** Null for nearly all mail. */
export function dsnAskOf({ dsn, wishes }: Pick<ClaimedDelivery, 'dsn' | 'wishes'>): DsnAsk | null {
  const { envid, ret } = wishes
  if (dsn === null && envid === undefined && ret === undefined) return null
  return { ...dsn, ...(envid === undefined ? {} : { envid }), ...(ret === undefined ? {} : { ret }) }
}

/** RFC 8689 §5: no policy of a receiver keeps it; §4.2.1: but where both are asked for, REQUIRETLS counts. */
export const isUnbound = ({ wishes }: Pick<ClaimedDelivery, 'wishes'>): boolean =>
  wishes.tlsOptional === true && wishes.requireTls !== true
