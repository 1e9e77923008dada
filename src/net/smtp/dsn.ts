//
// Owns: what a submitter wants to be told, as parameters of MAIL and RCPT (RFC 3461 §4). Pure.

import type { DsnWish, MessageWishes } from '../../core/message.ts'

export type DsnParameters = DsnWish & Pick<MessageWishes, 'envid' | 'ret'>

/** §4.3, §4.4. */
export function dsnOfMail({ envid, ret }: DsnParameters): string {
  return `${ret === undefined ? '' : ` RET=${ret}`}${envid === undefined ? '' : ` ENVID=${xtext(envid)}`}`
}

/** §4.1, §4.2. */
export function dsnOfRcpt({ notify, orcpt }: DsnParameters): string {
  const asked = notify === undefined || notify.length === 0 ? '' : ` NOTIFY=${notify.join(',')}`
  return orcpt === undefined ? asked : `${asked} ORCPT=${originalRecipient(orcpt)}`
}

/** The type of an address is an atom and goes as it is; what follows it is xtext. */
function originalRecipient(orcpt: string): string {
  const end = orcpt.indexOf(';')
  const [type, address] = [orcpt.slice(0, end), orcpt.slice(end + 1)]
  // RFC 6533 §3: a peer without SMTPUTF8 understands this form too.
  const plain = /^utf-8$/i.test(type) ? address.replace(BEYOND_ASCII, asCodePoint) : address
  return `${type};${xtext(plain)}`
}

const BEYOND_ASCII = /[^\x20-\x7e]/gu
const asCodePoint = (character: string): string =>
  `\\x{${character.codePointAt(0)?.toString(16).toUpperCase()}}`

/** §4: "!" to "~" but "+" and "=" as they are, every other octet as "+" and two upper-case digits. */
export function xtext(text: string): string {
  if (/^[!-*,-<>-~]*$/.test(text)) return text
  let coded = ''
  for (const octet of Buffer.from(text)) {
    const plain = octet > 0x20 && octet < 0x7f && octet !== 0x2b && octet !== 0x3d
    coded += plain ? String.fromCharCode(octet) : `+${octet.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return coded
}
