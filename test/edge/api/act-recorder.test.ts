import { expect, test } from 'bun:test'
import { isAct } from '../../../src/edge/api/act-recorder.ts'

test.each([
  ['POST', '/v1/webhooks', true],
  ['POST', '/v1/webhooks/?x=1', true],
  ['DELETE', '/v1/templates/preview', true],
  ['PATCH', '/v1/templates/translate', true],
  ['POST', '/v1/templates/translate', false],
  ['POST', '/v1/templates/tpl_1/preview', false],
  ['POST', '/v1/email/send', false],
  ['POST', '/v1/email/batch?strict=1', false],
  ['POST', '/v1/email/raw/', false],
  ['POST', '/v1/email/msg_1/cancel', true],
  ['POST', '/v1/email/sends', true],
  ['GET', '/v1/webhooks', false],
  ['HEAD', '/v1/webhooks', false],
  ['POST', '/unsubscribe', false],
])('%s %s: %p', (method, path, act) => {
  expect(isAct({ method, url: `https://mail.example.com${path}` })).toBe(act)
})
