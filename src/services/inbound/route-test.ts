//
// Owns: a letter made up for a test, posted to the webhook of a route at once; nothing of it is stored.

import type { ForwardPath } from '../../core/address.ts'
import type { Clock, Dice } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { Letter } from '../../mail/mime/letter.ts'
import type { OutgoingHttp } from '../../net/http/outgoing.ts'
import type { InboundRoute } from '../../store/inbound-store.ts'
import { PATIENCE } from '../posting/retry.ts'
import { signatureHeaders } from '../posting/signature.ts'
import { letterJson, postOf } from './letter-post.ts'
import { secretOctets } from './route-secret.ts'

export interface RouteTestParts {
  readonly http: Pick<OutgoingHttp, 'post'>
  readonly secretKeys: readonly Uint8Array[]
  /** `MailWok/<version>`. */
  readonly agent: string
  readonly clock: Clock
  readonly dice: Dice
}

export interface RouteTested {
  readonly postId: string
  /** It answered 2xx. */
  readonly taken: boolean
  readonly status: number | null
  /** Why there is no answer. */
  readonly fault: string | null
  readonly took: Milliseconds
}

const MAX_ANSWER_OCTETS = 64 * 1024

export async function testRoute(route: InboundRoute, parts: RouteTestParts): Promise<RouteTested> {
  const { agent, clock, http, secretKeys } = parts
  const { body, id } = samplePost(route, parts)
  const begun = clock.monotonic()
  const answer = await http.post(route.target, {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': agent,
      ...signatureHeaders(
        secretKeys.map((key) => secretOctets(key, route.id)),
        { id, seconds: Math.floor(clock.now() / SECOND), body },
      ),
    },
    maxOctets: MAX_ANSWER_OCTETS,
    within: PATIENCE,
    signal: new AbortController().signal,
  })
  const status = answer.ok ? answer.value.status : null
  return {
    postId: id,
    taken: status !== null && status >= 200 && status < 300,
    status,
    fault: answer.ok ? null : answer.error.detail,
    took: clock.monotonic() - begun,
  }
}

function samplePost(route: InboundRoute, { clock, dice }: Pick<RouteTestParts, 'clock' | 'dice'>) {
  const now = clock.now()
  const recipient = route.pattern.replace(/^\*/, 'test') as ForwardPath
  const name = `test ${route.id} ${now} ${dice()}`
  const letter = {
    reversePath: SENDER,
    digest: () => new Bun.CryptoHasher('sha256').update(name).digest('hex'),
  }
  const json = letterJson(sampleLetter(recipient, now), SAMPLE_OCTETS)
  return postOf({ route, recipient, letter, json, now })
}

const SENDER = 'test@sandbox.mailwok.test' as ForwardPath
const SAMPLE_OCTETS = 512

const sampleLetter = (recipient: string, now: Milliseconds): Letter => ({
  from: [{ name: 'MailWok', address: SENDER }],
  to: [{ name: '', address: recipient }],
  cc: [],
  replyTo: [],
  subject: 'A test of this route',
  date: new Date(now),
  messageId: '<test@sandbox.mailwok.test>',
  inReplyTo: null,
  references: [],
  text: 'This letter was made up to test the route; nobody sent it.\n',
  html: null,
  headers: [],
  attachments: [],
})
