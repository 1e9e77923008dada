//
// Owns: the verdict on what a report says of one recipient.

import { judgeWords, type Verdict } from './classify.ts'
import type { DeliveryReport } from './delivery-status.ts'
import { saidAt } from './said-at.ts'

export function judgeReport(report: DeliveryReport): Verdict {
  const around = saidAt(report.diagnostic)
  const told = {
    status: report.status,
    saidAt: around === 'unknown' ? saidAt(report.remark) : around,
    remoteMta: report.remoteMta,
    temporary: report.action === 'delayed',
  }
  const verdict = judgeWords({ ...told, words: quotedReply(report.diagnostic) })
  // Only what the field leaves open is looked for in the words for people: they quote, explain and advise.
  const silent =
    verdict.reason === 'other' || report.diagnostic.trim() === '' || SAYS_NOTHING.test(report.diagnostic)
  if (!silent || report.remark === '') return verdict
  const remarked = judgeWords({ ...told, words: report.remark })
  return remarked.reason === 'other'
    ? verdict
    : { ...remarked, diagnostic: verdict.diagnostic || remarked.diagnostic }
}

/** `5.1.0 - Unknown address error 550-'5.2.2 Mailbox Full'`: a gateway's own class of what was replied to it. */
const CLASS_BEFORE_REPLY = /^[45]\.[\dx]\.[\dx] - [\w ]{4,60} ([245]\d\d)-['"]/

const quotedReply = (words: string): string => words.trim().replace(CLASS_BEFORE_REPLY, '$1 ')

/** The number of a program's exit. */
const SAYS_NOTHING = /^x-unix exit code \d{1,3}$/
