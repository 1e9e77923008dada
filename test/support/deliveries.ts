import type { Domain, Mailbox } from '../../src/core/address.ts'
import type { AccountId, ContentId, DeliveryId, MessageId } from '../../src/core/ids.ts'
import type { ClaimedDelivery } from '../../src/core/message.ts'

/** A claimed delivery with nothing special about it. */
export const aDelivery = (change: Partial<ClaimedDelivery> = {}): ClaimedDelivery => ({
  id: 'msg_000000000001.0' as DeliveryId,
  messageId: 'msg_000000000001' as MessageId,
  accountId: 'acc_000000000001' as AccountId,
  contentId: 'cnt_000000000001' as ContentId,
  recipient: 'reader@example.net' as Mailbox,
  destination: 'example.net' as Domain,
  reversePath: 'writer@example.com' as Mailbox,
  signingDomain: 'example.com' as Domain,
  mode: 'live',
  stream: 'transactional',
  tags: [],
  custom: null,
  attempts: 0,
  lastSource: null,
  createdAt: 0,
  expiresAt: 5 * 86_400_000,
  size: 1000,
  campaign: null,
  pool: null,
  wishes: {},
  dsn: null,
  ...change,
})
