//
// Owns: lists of addresses as vendors have them: one text with commas, or several of those. Pure.

import { parseAddressList, sayAddressListFault } from '../../mail/mime/addresses.ts'
import type { FieldFault } from '../../services/submission/refusal.ts'
import { mailbox, textAt } from './values.ts'

/** One mailbox each; undefined: nobody was named. */
export function addressesAt(value: unknown, path: string, faults: FieldFault[]): string[] | undefined {
  const text = textAt(value, path, faults)
  if (text === undefined || text.trim() === '') return undefined
  if (/\p{Cc}/u.test(text)) {
    faults.push({ path, code: 'invalid_address', message: 'holds a control character' })
    return undefined
  }
  const list = parseAddressList(text)
  if (list.ok) return list.value.map((one) => mailbox(one.mailbox, one.name ?? undefined))
  faults.push({ path, code: 'invalid_address', message: sayAddressListFault(list.error) })
  return undefined
}
