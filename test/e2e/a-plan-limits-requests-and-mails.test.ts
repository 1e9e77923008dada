//
// api.md A, Rate limits: free is 10 requests and 1 mail per second; a mail is one recipient.

import { expect, test } from 'bun:test'
import { type Lab, must, startLab } from '../support/appliance.ts'

async function freeLab(): Promise<Lab> {
  const lab = await startLab()
  must(await lab.admin.accountSetPlan({ account: 'default', plan: 'free' }))
  return lab
}

test('the second mail within a second is a 429 that says when to come again', async () => {
  await using lab = await freeLab()
  const first = await lab.send()
  expect(first.status).toBe(200)
  expect(first.headers.get('ratelimit-policy')).toBe('"api";q=10;w=1, "mail";q=1;w=1')
  expect(first.headers.get('ratelimit')).toMatch(/^"api";r=9;t=1, "mail";r=0;t=1$/)
  const second = await lab.send()
  expect(second.status).toBe(429)
  expect(second.body.error.code).toBe('rate_limited')
  expect(second.headers.get('retry-after')).toBe('1')
  expect(second.headers.get('ratelimit')).toMatch(/^"api";r=8;t=1, "mail";r=0;t=1$/)
  await lab.advance(1000)
  expect((await lab.send()).status).toBe(200)
})

test('a request may overdraw; the debt is what the next one waits for', async () => {
  await using lab = await freeLab()
  expect((await lab.send({ to: Array.from({ length: 5 }, (_, i) => `r${i}@example.net`) })).status).toBe(200)
  expect((await lab.send()).headers.get('retry-after')).toBe('5')
  await lab.advance(4000)
  expect((await lab.send()).status).toBe(429)
  await lab.advance(1000)
  expect((await lab.send()).status).toBe(200)
})

test('the eleventh request within a second is a 429 of its own code', async () => {
  await using lab = await freeLab()
  for (let i = 0; i < 10; i++) {
    expect((await lab.post('/v1/email/send', {})).status).toBe(422)
  }
  const { status, body, headers } = await lab.post('/v1/email/send', {})
  expect(status).toBe(429)
  expect(body.error.code).toBe('too_many_requests')
  expect(headers.get('retry-after')).toBe('1')
  expect(headers.get('ratelimit')).toMatch(/^"api";r=0;t=1/)
  await lab.advance(1000)
  expect((await lab.send()).status).toBe(200)
})

test('over SMTP a short limit is waited out, a long one is 450 4.7.1', async () => {
  await using lab = await freeLab()
  await lab.submit({ to: 'a@example.net', text: 'one' })
  await lab.meanwhile(lab.submit({ to: ['b@example.net', ...many(20)], text: 'two' }))
  await expect(lab.meanwhile(lab.submit({ text: 'three' }))).rejects.toMatchObject({
    responseCode: 450,
    response: expect.stringContaining('4.7.1'),
  })
})

const many = (count: number) => Array.from({ length: count }, (_, i) => `m${i}@example.net`)
