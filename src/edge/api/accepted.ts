//
// Owns: what is answered to one message that the door has taken, or has not.

import type { Ids } from '../../core/ids.ts'
import type { Result } from '../../core/result.ts'
import type { Accepted } from '../../services/submission/door.ts'
import type { Refusal } from '../../services/submission/refusal.ts'
import { type Headers, tellMails } from './admission.ts'
import { fromRefusal } from './problem.ts'
import { say } from './say.ts'

export function sentAnswer(
  accepted: Result<Accepted, Refusal>,
  set: { status?: number | string; headers: Headers },
  ids: Ids,
) {
  if (!accepted.ok) {
    const { code, retryAfter } = accepted.error
    if (code === 'rate_limited') tellMails(set.headers, 0, retryAfter ?? 0)
    return say(fromRefusal(accepted.error), set, ids)
  }
  const { messageId, status, estimatedDelivery, replayed, mailsLeft } = accepted.value
  if (replayed) set.headers['idempotency-replayed'] = 'true'
  if (mailsLeft !== undefined) tellMails(set.headers, mailsLeft, 0)
  return {
    success: true,
    message_id: messageId,
    status,
    estimated_delivery: estimatedDelivery,
    ...(status === 'scheduled' ? { scheduled_at: estimatedDelivery } : null),
  } as const
}
