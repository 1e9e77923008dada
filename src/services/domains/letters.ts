//
// Owns: what the operator is written about a domain, in words. Pure.
// Never: for what costs no mail: that is told to the account alone (events).

import { type AccountEvent, isOfDomain } from '../../core/event.ts'
import { DAY } from '../../core/time.ts'

export interface DomainLetter {
  readonly subject: string
  readonly text: string
  /** The same key within a day is one letter. */
  readonly key: string
  /** Mail is lost if nobody does anything. */
  readonly urgent: boolean
}

interface Action {
  readonly check: string
  readonly name: string
  readonly message: string
  readonly fix: string
}

interface Publish {
  readonly type: string
  readonly name: string
  readonly value: string
}

export function letterOf(event: AccountEvent): DomainLetter | null {
  const { details, subject: domain, type } = event
  if (!isOfDomain(type)) return null
  const reason = String(details['reason'] ?? '')
  const actions = (details['actions'] ?? []) as readonly Action[]
  const key = `${type.replaceAll('.', '-')}:${domain}:${Math.floor(event.at / DAY)}`
  switch (type) {
    case 'domain.verified':
      return null
    case 'domain.unverified':
      return {
        subject: `${domain} is no longer verified`,
        text: `${reason}\n\nNew mail from ${domain} is refused until its records are back; what was accepted goes on.\n\n${said(actions)}\n${more(domain)}`,
        key,
        urgent: true,
      }
    case 'domain.action_needed':
      // Keys that cannot take their turn cost nothing today.
      if (actions.every(({ check }) => check === 'dkim') && reason.startsWith('The next DKIM keys'))
        return null
      return {
        subject: `records of ${domain} need you`,
        text: `${reason}\n\n${said(actions)}\n${more(domain)}`,
        key,
        urgent: true,
      }
    case 'domain.dkim_rotated':
      return {
        subject: `DKIM keys of ${domain} were changed`,
        text: rotated(reason, details, domain),
        key,
        urgent: false,
      }
    default:
      return type satisfies never
  }
}

const said = (actions: readonly Action[]): string =>
  actions.map(({ fix, message }) => `- ${message}\n  ${fix}\n`).join('')

const more = (domain: string): string => `mailwok domain verify ${domain} looks again at once.\n`

function rotated(reason: string, details: AccountEvent['details'], domain: string): string {
  const publish = (details['publish'] ?? []) as readonly Publish[]
  const retired = (details['retired'] ?? []) as readonly { selector: string; publish_until: string }[]
  const records = publish.map(({ name, type, value }) => `    ${name}. ${type} ${value}\n`).join('')
  const gone = retired
    .map(
      ({ publish_until, selector }) => `    ${selector}._domainkey.${domain} may go after ${publish_until}\n`,
    )
    .join('')
  const ask =
    records === ''
      ? ''
      : `\nSo that they can be changed again, publish the next ones at your leisure:\n\n${records}`
  return `${reason}\n${ask}\nThe records of the keys before prove mail that is on its way:\n\n${gone}`
}
