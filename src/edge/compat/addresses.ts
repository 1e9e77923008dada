//
// Owns: lists of addresses as vendors have them: one text with commas, or several of those. Pure.

import type { NamedMailbox } from '../../core/address.ts'
import { parseAddressList, sayAddressListFault } from '../../mail/mime/addresses.ts'
import type { FieldFault } from '../../services/submission/refusal.ts'
import { mailbox, textAt } from './values.ts'

export function mailboxesAt(text: string, path: string, faults: FieldFault[]): readonly NamedMailbox[] {
  if (text.trim() === '') return []
  if (/\p{Cc}/u.test(text)) {
    faults.push({ path, code: 'invalid_address', message: 'holds a control character' })
    return []
  }
  const list = parseAddressList(text)
  if (list.ok) return list.value
  faults.push({ path, code: 'invalid_address', message: sayAddressListFault(list.error) })
  return []
}

export const written = ({ mailbox: address, name }: NamedMailbox): string =>
  mailbox(address, name ?? undefined)

/** One mailbox each; undefined: nobody was named. */
export function addressesAt(value: unknown, path: string, faults: FieldFault[]): string[] | undefined {
  const text = textAt(value, path, faults)
  const list = text === undefined ? [] : mailboxesAt(text, path, faults)
  return list.length === 0 ? undefined : list.map(written)
}
