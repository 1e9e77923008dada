//
// Owns: delivery orders for tests, with everything that a test does not care about filled in.

import type { Domain } from '../../src/core/address.ts'
import { type Mailbox, parseMailbox } from '../../src/core/address.ts'
import type { ContentId, DeliveryId } from '../../src/core/ids.ts'
import type { ReportedPolicy, TlsaRecord, TlsPolicy } from '../../src/core/route.ts'
import type { DeliveryOrder, MxTransport } from '../../src/net/delivery/order.ts'

export interface OrderDraft {
  /** The hosts, first preference first; all on the first one's port. */
  readonly mx: readonly { readonly host: string; readonly port: number }[]
  /** Instead of each host's own address. */
  readonly addresses?: readonly string[]
  readonly tls?: TlsPolicy
  /** The first host's name. */
  readonly exchange?: string
  /** Of every host. */
  readonly tlsa?: readonly TlsaRecord[]
  readonly tlsaBase?: string
  /** That the hosts are the domain's is proven. */
  readonly nameProven?: true
  readonly reported?: ReportedPolicy
  readonly recipient?: string
  readonly reversePath?: string | null
  readonly subject?: string
  readonly body?: string
  readonly slot?: number
  readonly id?: string
  readonly at?: number
  readonly dsn?: DeliveryOrder['dsn']
  readonly requireTls?: boolean
  readonly tlsOptional?: boolean
  readonly transport?: Partial<MxTransport>
}

export const SENDER_DOMAIN = 'sender.test' as Domain

let made = 0

export function orderFor(draft: OrderDraft): DeliveryOrder {
  const { mx, tls, recipient = 'someone@receiver.test', reversePath = 'bounce@sender.test' } = draft
  const subject = draft.subject ?? 'Hello'
  const header = `From: a@sender.test\r\nTo: someone@receiver.test\r\nSubject: ${subject}\r\nMessage-ID: <1@sender.test>\r\n`
  const bytes = Buffer.from(`${header}\r\n${draft.body ?? 'Hello.\r\n.A line with a dot\r\n'}`)
  made += 1
  return {
    slot: draft.slot ?? 0,
    deliveryId: (draft.id ?? `msg_${String(made).padStart(12, '0')}.0`) as DeliveryId,
    recipient: mailbox(recipient),
    reversePath: reversePath === null ? null : mailbox(reversePath),
    signingDomain: SENDER_DOMAIN,
    content: { id: `cnt_${made}` as ContentId, kind: 'submitted', bytes },
    shared: true,
    at: draft.at ?? 1_800_000_000_000,
    dsn: draft.dsn ?? null,
    requireTls: draft.requireTls ?? false,
    tlsOptional: draft.tlsOptional ?? false,
    transport: {
      kind: 'mx',
      source: null,
      hello: 'client.test',
      via: 'direct',
      auth: null,
      implicitTls: false,
      messagesPerConnection: 100,
      ...draft.transport,
      route: {
        kind: 'mx',
        domain: 'receiver.test',
        provider: 'mx.test',
        hosts: mx.map(({ host }, at) => ({
          exchange: at === 0 ? (draft.exchange ?? 'mx.test') : `mx${at + 1}.test`,
          preference: 10 * (at + 1),
          addresses: draft.addresses ?? [host],
          ...(draft.tlsa ? { tlsa: draft.tlsa } : {}),
          ...(draft.tlsaBase ? { tlsaBase: draft.tlsaBase } : {}),
          ...(draft.nameProven ? { nameProven: true } : {}),
        })),
        port: mx[0]?.port ?? 25,
        tls: tls ?? { kind: 'opportunistic' },
        ...(draft.reported ? { reported: draft.reported } : {}),
        validUntil: 2_000_000_000_000,
      },
    },
  }
}

function mailbox(text: string): Mailbox {
  const parsed = parseMailbox(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error}`)
  return parsed.value
}
