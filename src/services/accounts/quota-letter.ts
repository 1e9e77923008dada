//
// Owns: what people are told when a quota comes to its end, in plain words. Pure.

import type { QuotaWarning } from './quota-event.ts'

export interface QuotaLetter {
  readonly subject: string
  readonly text: string
  /** The same letter is sent once. */
  readonly key: string
}

export function quotaLetter(
  name: string,
  { account, level, limit, per, renewsAt, used }: QuotaWarning,
): QuotaLetter {
  const renews = `${new Date(renewsAt).toISOString().slice(0, 10)} 00:00 UTC`
  const isOver = level === 100
  const subject = isOver
    ? `the account ${name} has sent all mail of its ${per}`
    : `the account ${name} has sent ${level} % of the mail of its ${per}`
  const what = isOver
    ? `The account ${name} has sent as many mails as its plan allows in a ${per}: ${limit}. Further mail is refused until ${renews} (429 and 450 4.7.1, quota_exceeded). What was accepted is delivered.`
    : `The account ${name} has sent ${used} of the ${limit} mails that its plan allows in a ${per}. It renews on ${renews}.`
  return {
    subject,
    text: `${what}\n\nmailwok account show ${name} tells how it stands; mailwok account set ${name} --plan <name> gives it another plan.\n`,
    key: `quota:${account}:${per}:${renewsAt}:${level}`,
  }
}
