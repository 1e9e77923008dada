// What the transcripts in dialogue/ do not show: who may hear credentials. The rest of the opening is told there.

import { expect, test } from 'bun:test'
import { Opening } from '../../../src/net/smtp/opening.ts'
import type { TlsWish } from '../../../src/net/smtp/security.ts'

const reply = (code: number, text: string) => ({ code, enhanced: null, text })

test.each([
  // wish, nobody stands between → what follows an EHLO reply without STARTTLS
  ['if-offered', false, 'failed relay-auth'],
  ['never', false, 'failed relay-auth'],
  ['if-offered', true, 'write AUTH'],
  ['never', true, 'write AUTH'],
  ['required', true, 'failed tls-required'],
] satisfies [TlsWish, boolean, string][])('credentials in clear: %s, trusted %s', (wish, trusted, want) => {
  const auth = { username: 'us', password: 'secret' }
  const opening = new Opening({ hello: 'client.test', wish, tlsa: null, auth, implicitTls: false }, trusted)
  opening.reply(reply(220, 'mx.test'))
  const step = opening.reply(reply(250, 'mx.test\nAUTH PLAIN'))
  const said =
    step.kind === 'write'
      ? `write ${step.text.slice(0, 4)}`
      : step.kind === 'failed' && step.cause.kind === 'policy'
        ? `failed ${step.cause.rule}`
        : step.kind
  expect(said).toBe(want)
})
