//
// Owns: several messages of one request, by one call of MailWok's batch.

import type { Native, NativeAnswer } from './native.ts'
import type { Trouble } from './trouble.ts'
import type { Json } from './values.ts'

export interface Batch {
  /** What they have in common. */
  readonly shared?: Json
  readonly emails: readonly Json[]
  /** All or none. */
  readonly isStrict: boolean
  readonly headers?: Readonly<Record<string, string>>
}

export interface Accepted {
  readonly id: string
  readonly status: string
}
export type Sent = NativeAnswer<Accepted>

interface Item {
  readonly message_id?: string
  readonly status?: string
  readonly error?: Pick<Trouble, 'code' | 'message' | 'fields'>
}

/** Of one batch, as POST /v1/email/batch has it. */
export const MOST_IN_BATCH = 500

/** One message. */
export async function sendOne(native: Native, email: Json, headers: Batch['headers'] = {}): Promise<Sent> {
  const ask = { method: 'POST', path: '/v1/email/send', body: email, headers } as const
  const sent = await native.ask<{ readonly message_id: string; readonly status: string }>(ask)
  return sent.ok ? { ok: true, value: { id: sent.value.message_id, status: sent.value.status } } : sent
}

export async function sendAll(native: Native, batch: Batch): Promise<NativeAnswer<readonly Sent[]>> {
  const { emails, headers, isStrict, shared = {} } = batch
  if (emails.length === 0) return { ok: true, value: [] }
  const asked = await native.ask<{ readonly data: readonly Item[] }>({
    method: 'POST',
    path: '/v1/email/batch',
    body: { ...shared, mode: isStrict ? 'strict' : 'permissive', messages: emails },
    ...(headers ? { headers } : {}),
  })
  if (!asked.ok) return asked
  return { ok: true, value: asked.value.data.map(sentOf) }
}

function sentOf({ error, message_id, status = 'queued' }: Item): Sent {
  if (message_id !== undefined) return { ok: true, value: { id: message_id, status } }
  return {
    ok: false,
    error: {
      status: 422,
      code: error?.code ?? 'internal_error',
      message: error?.message ?? 'It was not accepted.',
      fields: error?.fields ?? [],
    },
  }
}
