//
// Owns: the pages where a sender asks for delisting, signs up for feedback or reads what a code means.

import type { BounceReason } from '../../core/failure.ts'
import type { ReceiverName } from './receiver.ts'

/** A list or filter that the reply names goes before the receiver: that is where delisting is asked for. */
const LISTS: readonly (readonly [named: string, page: string])[] = [
  ['spamhaus', 'Look the address up and ask for removal at https://check.spamhaus.org/.'],
  ['spamcop', 'SpamCop lists the address at https://www.spamcop.net/bl.shtml and forgets it within a day.'],
  ['barracuda', 'Ask for removal at https://www.barracudacentral.org/rbl/removal-request.'],
  ['cloudmark', 'Ask for a reset at https://csi.cloudmark.com/reset-request/.'],
  ['proofpoint', 'Look the address up and ask for removal at https://ipcheck.proofpoint.com/.'],
  [
    'mimecast',
    'Read https://community.mimecast.com/ for the code, and ask the recipient’s administrator to permit you.',
  ],
  ['talosintelligence', 'Look the address up at https://talosintelligence.com/reputation_center.'],
  ['senderbase', 'Look the address up at https://talosintelligence.com/reputation_center.'],
  ['ironport', 'Look the address up at https://talosintelligence.com/reputation_center.'],
  ['cisco', 'Look the address up at https://talosintelligence.com/reputation_center.'],
  ['abusix', 'Look the address up and ask for removal at https://lookup.abusix.com/.'],
  ['uceprotect', 'Look the address up at https://www.uceprotect.net/en/rblcheck.php.'],
  ['sorbs', 'SORBS was shut down in 2024: tell the receiver’s postmaster that it still asks there.'],
  ['surbl', 'A link in the message is listed: look it up at https://surbl.org/surbl-analysis.'],
  ['uribl', 'A link in the message is listed: look it up at https://lookup.uribl.com/.'],
  ['invaluement', 'Look the address up and ask for removal at https://www.invaluement.com/lookup/.'],
  [
    'trendmicro',
    'Look the address up and ask for removal at https://servicecentral.trendmicro.com/en-us/ers/ip-lookup/.',
  ],
  ['senderscore', 'Look the address up at https://senderscore.org/.'],
]

/** Reasons that are settled with a postmaster's page; for the others the words of the remedy suffice. */
const OF_THE_SENDER: ReadonlySet<BounceReason> = new Set([
  'blocked',
  'reputation',
  'rate_limited',
  'too_many_connections',
  'spam',
  'policy',
  'ptr_missing',
  'authentication',
  'sender_refused',
])

const RECEIVERS: Partial<Readonly<Record<ReceiverName, string>>> = {
  google:
    'See reputation and spam rate in Google Postmaster Tools, https://postmaster.google.com/; the codes are explained at https://support.google.com/a/answer/3726730.',
  yahoo:
    'Sign up for the complaint feedback loop and write to Yahoo at https://senders.yahooinc.com/; the codes are explained at https://senders.yahooinc.com/smtp-error-codes/.',
  apple: 'Apple’s rules and how to write to its postmaster are at https://support.apple.com/102322.',
  gmx: 'The codes and a form for the postmaster are at https://postmaster.gmx.net/ and https://postmaster.web.de/.',
  orange: 'The rules, and how to write to Orange, are at https://postmaster.orange.fr/.',
  comcast: 'Ask for removal at https://spa.xfinity.com/report.',
  cox: 'The codes and a form are at https://www.cox.com/residential/support/email-error-codes.html.',
  spectrum: 'The codes are at https://www.spectrum.net/support/internet/understanding-email-error-codes.',
  godaddy: 'Ask for removal at https://unblock.secureserver.net/.',
  'mail.ru': 'See statistics and write to the postmaster at https://postmaster.mail.ru/.',
  facebook: 'The codes are at https://postmaster.facebook.com/response_codes.',
  tencent: 'The codes and a form are at https://service.mail.qq.com/.',
}

const MICROSOFT_BLOCK =
  'Ask for delisting at https://sender.office.com/ (Microsoft 365) or https://olcsupport.office.com/ (Outlook.com and Hotmail)'
const MICROSOFT_SIGN_UP =
  'see the address’s standing in SNDS and sign up for JMRP complaints at https://sendersupport.olc.protection.outlook.com/snds/.'

/** Whether it is worth finding out whose words they are. */
export const mayHavePage = (reason: BounceReason): boolean => OF_THE_SENDER.has(reason)

export function pageFor(reason: BounceReason, receiver: ReceiverName | null, words: string): string | null {
  if (!mayHavePage(reason)) return null
  const list = LISTS.find(([named]) => words.includes(named))
  if (list !== undefined && (reason === 'blocked' || reason === 'reputation' || reason === 'spam'))
    return list[1]
  if (receiver === 'microsoft') return microsoft(reason)
  return receiver === null ? null : (RECEIVERS[receiver] ?? null)
}

function microsoft(reason: BounceReason): string {
  if (reason === 'blocked') return `${MICROSOFT_BLOCK}; ${MICROSOFT_SIGN_UP}`
  if (reason === 'authentication') {
    return 'What Outlook.com demands of high-volume senders is at https://sendersupport.olc.protection.outlook.com/pm/policies.aspx.'
  }
  return `At Microsoft, ${MICROSOFT_SIGN_UP}`
}
