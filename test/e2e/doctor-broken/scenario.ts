//
// Owns: what a broken set-up is: how it came to be so, and what the doctor has to say of it.

import type { Ailment, CheckState } from '../../../src/core/diagnosis.ts'
import type { DoctorHouse } from '../../support/doctor-house.ts'

export interface Broken {
  readonly name: string
  readonly ailment: Ailment
  readonly state: CheckState
  readonly subject: (house: DoctorHouse) => string
  readonly why: RegExp
  readonly fix: RegExp | ((house: DoctorHouse) => RegExp)
  /** It takes a disk of its own. */
  readonly needs?: 'mount'
  /** What follows from it, and is told as well. */
  readonly besides?: readonly Ailment[]
  breaks(house: DoctorHouse): Promise<void> | void
}

export const recordOf = (
  { records }: DoctorHouse,
  what: 'dkim' | 'bounce-mx' | 'bounce-spf' | 'dmarc' | 'track',
): DoctorHouse['records'][number] => {
  const found = records.find(({ name, type }) => {
    if (what === 'dkim') return name.includes('_domainkey')
    if (what === 'dmarc') return name.startsWith('_dmarc')
    if (what === 'track') return type === 'CNAME'
    return name.startsWith('bounce.') && type === (what === 'bounce-mx' ? 'MX' : 'TXT')
  })
  if (found === undefined) throw new Error(`the domain has no record for ${what}`)
  return found
}

export const literal = (text: string): RegExp => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
