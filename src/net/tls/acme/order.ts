//
// Owns: the way from a host name to its certificate (RFC 8555 §7.4, §8.3): order, proof by HTTP-01, request, chain. An
// order that a crash interrupted goes on where it stood.
// Never: keeps anything; what must survive is handed out before the step that needs it.

import { createPrivateKey } from 'node:crypto'
import type { Certificate } from '../../../core/certificate.ts'
import { fault, ok, type Result } from '../../../core/result.ts'
import { MINUTE, type Milliseconds, SECOND } from '../../../core/time.ts'
import { certificateRequest } from '../csr.ts'
import { readPair } from '../pair.ts'
import type { AcmeAnswer, AcmeClient } from './client.ts'
import { type AcmeFault, away, ours, type Problem, problemFault } from './fault.ts'
import { freshKeyPem } from './jws.ts'

/** Kept from its first step until the certificate is. */
export interface KeptOrder {
  readonly url: string
  /** Of the certificate to come, PEM. */
  readonly key: string
}

export interface OrderParts {
  readonly client: AcmeClient
  readonly host: string
  readonly kept: KeptOrder | null
  /** Which certificate this one follows (RFC 9773 §5); null: none, or it is not asked for. */
  readonly replaces: string | null
  keep(order: KeptOrder): Promise<Result<void, AcmeFault>>
  /** Resolves when every node answers. */
  publish(token: string, answer: string): Promise<Result<void, AcmeFault>>
  wait(ms: Milliseconds): Promise<void>
  monotonic(): Milliseconds
  /** What stands then is kept, and goes on with the next start. */
  readonly signal: AbortSignal
}

/** A validation takes seconds; what hangs longer is looked at again by the next turn, with the same order. */
const PATIENCE: Milliseconds = 3 * MINUTE
const FIRST_WAIT: Milliseconds = SECOND
const LONGEST_WAIT: Milliseconds = 15 * SECOND

type Asked<T> = Promise<Result<T, AcmeFault>>
interface Order {
  readonly kept: KeptOrder
  readonly answer: AcmeAnswer
}

export async function obtain(parts: OrderParts): Asked<Certificate> {
  const { client, host } = parts
  const order = (await resumed(parts)) ?? (await begun(parts))
  if (!order.ok) return order
  const { kept, answer } = order.value
  for (const url of textsOf(answer.json['authorizations'])) {
    const proven = await prove(parts, url)
    if (!proven.ok) return proven
  }
  const ready = await until(parts, kept.url, ['ready', 'valid'])
  if (!ready.ok) return ready
  let chainAt = ready.value.json['certificate']
  if (ready.value.json['status'] !== 'valid') {
    const finalize = ready.value.json['finalize']
    if (typeof finalize !== 'string') return fault(away('the order has no place to finalize it'))
    const csr = certificateRequest([host], createPrivateKey(kept.key)).toString('base64url')
    const sent = await client.ask(finalize, { csr })
    if (!sent.ok) return sent
    const issued = await until(parts, kept.url, ['valid'])
    if (!issued.ok) return issued
    chainAt = issued.value.json['certificate']
  }
  if (typeof chainAt !== 'string') return fault(away('the order is valid and names no certificate'))
  const chain = await client.ask(chainAt, null, 'application/pem-certificate-chain')
  return chain.ok ? checked({ cert: chain.value.text, key: kept.key }, host) : chain
}

/** Null: there is none that can go on. */
async function resumed({ client, kept }: OrderParts): Promise<Awaited<Asked<Order>> | null> {
  if (kept === null) return null
  const answer = await client.ask(kept.url, null)
  if (!answer.ok) return answer.error.kind === 'refused' ? null : answer
  return answer.value.json['status'] === 'invalid' ? null : ok({ kept, answer: answer.value })
}

async function begun({ client, host, replaces, keep }: OrderParts): Asked<Order> {
  const url = await client.endpoint('newOrder')
  if (!url.ok) return url
  const wish = { identifiers: [{ type: 'dns', value: host }] }
  let answer = await client.ask(url.value, replaces === null ? wish : { ...wish, replaces })
  // RFC 9773 §5: another order has replaced it, or the authority no longer knows it; neither is a reason to go without.
  if (!answer.ok && replaces !== null && /^(?:alreadyReplaced|malformed|conflict)$/.test(answer.error.type)) {
    answer = await client.ask(url.value, wish)
  }
  if (!answer.ok) return answer
  const at = answer.value.headers['location']
  if (at === undefined) return fault(away('it took the order and did not say where'))
  const kept: KeptOrder = { url: at, key: freshKeyPem() }
  const stored = await keep(kept)
  return stored.ok ? ok({ kept, answer: answer.value }) : stored
}

async function prove(parts: OrderParts, url: string): Asked<void> {
  const { client, host, publish } = parts
  const authorization = await client.ask(url, null)
  if (!authorization.ok) return authorization
  const { json } = authorization.value
  if (json['status'] === 'valid') return ok(undefined)
  const challenge = challengesOf(json).find(({ type }) => type === 'http-01')
  if (challenge === undefined) {
    return fault({
      kind: 'refused',
      type: '',
      detail: `it proves ${host} in no way but DNS`,
      retryAfter: null,
    })
  }
  const { token } = challenge
  if (typeof token !== 'string' || !TOKEN.test(token)) return fault(away('its challenge has no proper token'))
  const stands = await publish(token, `${token}.${client.thumbprint}`)
  if (!stands.ok) return stands
  if (challenge.status === 'pending' && typeof challenge.url === 'string') {
    const asked = await client.ask(challenge.url, {})
    if (!asked.ok) return asked
  }
  const ended = await until(parts, url, ['valid'])
  return ended.ok ? ok(undefined) : ended
}

/** RFC 8555 §8.3: base64url; at least 128 bits. */
export const TOKEN = /^[\w-]{22,128}$/

interface Challenge {
  readonly type?: unknown
  readonly status?: unknown
  readonly token?: unknown
  readonly url?: unknown
  readonly error?: unknown
}

const challengesOf = (json: Readonly<Record<string, unknown>>): readonly Challenge[] =>
  Array.isArray(json['challenges'])
    ? json['challenges'].filter((one): one is Challenge => typeof one === 'object' && one !== null)
    : []

const textsOf = (list: unknown): readonly string[] =>
  Array.isArray(list) ? list.filter((one) => typeof one === 'string') : []

/** Looks at an order or authorization until it has one of these states. */
async function until(parts: OrderParts, url: string, states: readonly string[]): Asked<AcmeAnswer> {
  const { client, wait, monotonic, signal } = parts
  const end = monotonic() + PATIENCE
  for (let pause = FIRST_WAIT; ; pause = Math.min(pause * 2, LONGEST_WAIT)) {
    const got = await client.ask(url, null)
    if (!got.ok) return got
    const { json, retryAfter } = got.value
    const status = String(json['status'])
    if (states.includes(status)) return got
    if (status !== 'pending' && status !== 'processing' && status !== 'ready')
      return fault(whyEnded(json, status))
    if (signal.aborted) return fault(away('this node stops'))
    if (monotonic() >= end) return fault(away(`it is still ${status} after ${PATIENCE / SECOND} s`))
    await wait(Math.min(retryAfter ?? pause, LONGEST_WAIT))
  }
}

/** The reason stands at the challenge, or at the order. */
function whyEnded(json: Readonly<Record<string, unknown>>, status: string): AcmeFault {
  const errors = [json['error'], ...challengesOf(json).map(({ error }) => error)]
  const problem = errors.find((one): one is Problem => typeof one === 'object' && one !== null)
  if (problem !== undefined) return problemFault(problem, { status: 400, retryAfter: null })
  return { kind: 'refused', type: '', detail: `it is ${status}, without a reason`, retryAfter: null }
}

/** What an authority hands out is used only if it fits. */
function checked(pair: Certificate, host: string): Result<Certificate, AcmeFault> {
  const facts = readPair(pair)
  if (!facts.ok) return fault(ours(`the certificate that came cannot be used: ${facts.error}`))
  return facts.value.names.includes(host)
    ? ok(pair)
    : fault(ours(`the certificate that came is not for ${host}`))
}
