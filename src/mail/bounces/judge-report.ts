//
// Owns: the verdict on what a report says of one recipient.

import { judgeWords, type Verdict } from './classify.ts'
import type { DeliveryReport } from './delivery-status.ts'

export const judgeReport = (report: DeliveryReport): Verdict =>
  judgeWords({
    status: report.status,
    words: report.diagnostic === '' ? report.remark : report.diagnostic,
    remoteMta: report.remoteMta,
    temporary: report.action === 'delayed',
  })
