//
// Owns: the Received line of submitted mail (RFC 5321 §4.4, protocol names of RFC 3848 and RFC 6531 §3.7.3). Pure.

import type { RequestId } from '../../core/ids.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'

export interface Reception {
  /** What the client called itself; anything may stand there. */
  readonly helo: string
  /** Literal IPv4 or IPv6. */
  readonly address: string
  readonly extended: boolean
  readonly secure: boolean
  readonly authenticated: boolean
  readonly smtpUtf8: boolean
  readonly id: RequestId
  readonly at: Milliseconds
}

/** A name or an address literal; what is neither is not repeated in a header. */
const HELO_WORD = /^[A-Za-z0-9._:[\]-]{1,255}$/

/** For one host; the date is worked out once a second. */
export function receivedBy(hostname: string): (reception: Reception) => string {
  let second = -1
  let date = ''
  return (reception) => {
    const now = Math.floor(reception.at / SECOND)
    if (now !== second) {
      second = now
      date = formatDate(now * SECOND)
    }
    const helo = HELO_WORD.test(reception.helo) ? reception.helo : 'unknown'
    return (
      `Received: from ${helo} (${addressLiteral(reception.address)})\r\n` +
      `\tby ${hostname} with ${protocolOf(reception)} id ${reception.id};\r\n` +
      `\t${date}\r\n`
    )
  }
}

/** RFC 5321 §4.1.3. */
const addressLiteral = (address: string): string =>
  address.includes(':') ? `[IPv6:${address}]` : `[${address}]`

function protocolOf(reception: Reception): string {
  const base = reception.smtpUtf8 ? 'UTF8SMTP' : reception.extended ? 'ESMTP' : 'SMTP'
  if (base === 'SMTP') return base
  return base + (reception.secure ? 'S' : '') + (reception.authenticated ? 'A' : '')
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** RFC 5322 §3.3, in UTC: a numeric zone, never a name. */
function formatDate(at: Milliseconds): string {
  const date = new Date(at)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${DAYS[date.getUTCDay()]}, ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`
}
