//
// Owns: what `mailwok try` shows: one message by REST, one by SMTP, both delivered.

import type { Admin } from '../../src/admin/admin.ts'
import { TRIAL_DOMAIN, type Trial } from './configuration.ts'
import { sendBySmtp } from './smtp.ts'

export interface Shown {
  readonly key: string
  readonly deliveries: readonly { readonly way: string; readonly id: string; readonly state: string }[]
}

const SENDER = `hello@${TRIAL_DOMAIN}`
const RECIPIENT = 'you@example.net'
/** Generous: a first start on a busy machine makes keys and a certificate. */
const PATIENCE_MS = 30_000
const LOOK_EVERY_MS = 50

export async function demonstrate(trial: Trial, admin: Admin): Promise<Shown> {
  const domain = await admin.domainAdd({ name: TRIAL_DOMAIN, account: 'default' })
  if (!domain.ok && domain.error.code !== 'exists') throw new Error(domain.error.message)
  const made = await admin.keyCreate({ account: 'default', name: 'try', mode: 'live' })
  if (!made.ok) throw new Error(made.error.message)
  const key = made.value.key
  const byRest = await sendByRest(trial, key)
  const reply = await sendBySmtp({
    port: trial.smtps,
    key,
    from: SENDER,
    to: RECIPIENT,
    subject: 'Hello by SMTP',
    body: 'This came through the SMTP relay.',
  })
  const bySmtp = /msg_[0-9a-z]{12}/.exec(reply)?.[0] ?? reply
  return {
    key,
    deliveries: [
      { way: 'REST', id: byRest, state: await finalState(admin, byRest) },
      { way: 'SMTP', id: bySmtp, state: await finalState(admin, bySmtp) },
    ],
  }
}

async function sendByRest(trial: Trial, key: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${trial.http}/v1/email/send`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      from: SENDER,
      to: RECIPIENT,
      subject: 'Hello by REST',
      html: '<p>This came through the REST API, {{name}}.</p>',
      data: { name: 'Ada' },
    }),
  })
  const body: unknown = await answer.json()
  if (typeof body === 'object' && body !== null && 'message_id' in body) return String(body.message_id)
  throw new Error(`REST: ${answer.status} ${JSON.stringify(body)}`)
}

async function finalState(admin: Admin, id: string): Promise<string> {
  let state = 'unknown'
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_EVERY_MS) {
    const report = await admin.messageShow({ id })
    state = report.ok ? (report.value.deliveries[0]?.state ?? state) : report.error.message
    if (state !== 'queued') return state
    await Bun.sleep(LOOK_EVERY_MS)
  }
  return state
}

export function curlLine(trial: Trial, key: string): string {
  return `curl http://127.0.0.1:${trial.http}/v1/email/send \\
  -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\
  -d '{"from": "${SENDER}", "to": "${RECIPIENT}", "subject": "Hello", "text": "It works."}'`
}
