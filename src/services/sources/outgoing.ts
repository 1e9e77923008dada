//
// Owns: what one of our outgoing addresses is: how it calls itself, whose mail it carries, whether it may be used.

import { isIpv6 } from '../../net/http/reach.ts'
import { type PtrFinding, UNCHECKED } from './ptr.ts'

/** As the operator named it. */
export interface SourceSetting {
  /** Literal. */
  readonly address: string
  /** What EHLO says; empty: its PTR where that is right, else the name of this machine. */
  readonly hostname: string
  readonly pool: string
  /** It has sent for long: no warm-up. */
  readonly warm: boolean
  /** Marketing mails to one provider a day; 0: as warm-up says. */
  readonly maxPerDay: number
}

export class OutgoingSource {
  /** Null leaves the address to the system. */
  readonly address: string | null
  /** For the ledger and for people: the address, or empty. */
  readonly name: string
  readonly isIpv6: boolean
  readonly setting: SourceSetting
  readonly #ownName: string
  ptr: PtrFinding = UNCHECKED

  constructor(setting: SourceSetting, ownName: string) {
    this.setting = setting
    this.name = setting.address
    this.address = setting.address === '' ? null : setting.address
    this.isIpv6 = isIpv6(setting.address)
    this.#ownName = ownName
  }

  /** RFC 5321 §4.1.1.1: receivers compare it with the PTR of the address that they see. */
  get hello(): string {
    if (this.setting.hostname !== '') return this.setting.hostname
    return this.ptr.state === 'ok' && this.ptr.name !== null ? this.ptr.name : this.#ownName
  }

  /** Over IPv6 large receivers refuse what has no right PTR; over IPv4 it only counts against us, and is what there is. */
  get usable(): boolean {
    return !this.isIpv6 || isRight(this.ptr)
  }
}

export const isRight = ({ state }: PtrFinding): boolean => state === 'ok' || state === 'private'
