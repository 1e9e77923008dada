//
// What docs/unsubscribe.md shows: the send is taken as it stands there, the copy has the fields, the webhook gets the body.

import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AUTHORIZED, must, startLab } from './support/appliance.ts'
import { hook, verified } from './support/hook.ts'
import { field, oneClick, waysOut } from './support/leaving.ts'
import { until } from './support/until.ts'

const PAGE = readFileSync(join(dirname(import.meta.dir), 'docs', 'unsubscribe.md'), 'utf8')
const blocks = [...PAGE.matchAll(/^```(json)?\n([\s\S]*?)^```$/gm)].map(([, , text = '']) => text)
const [SEND = '', HEADER = '', WEBHOOK = ''] = blocks

test('the page tells what happens', async () => {
  await using program = hook()
  await using lab = await startLab({ config: { 'webhooks.allow': program.place } })
  const events = ['email.unsubscribed']
  const { secret } = must(
    await lab.admin.webhookAdd({ account: 'default', url: program.url, events, note: '' }),
  )
  const { status, body } = await lab.post(
    '/v1/email/send',
    SEND.replaceAll('shop.example.com', 'example.com'),
  )
  expect(status).toBe(200)
  await lab.ended(body.message_id)
  const names = Array.from(HEADER.matchAll(/^([\w-]+):/gm), ([, name = '']) => name)
  expect(names).toHaveLength(5)
  for (const name of names) expect(field(lab, name)).not.toBeNull()
  expect(field(lab, 'List-Id')).toBe('"news.weekly" <news.weekly.example.com>')

  await oneClick(lab, waysOut(lab).path)
  await until('the webhook is told', () => program.got.length === 1)
  const [got] = program.got
  if (!got) throw new Error('nothing came')
  const told = verified(secret, got)
  const shown = JSON.parse(WEBHOOK)
  expect(told).toMatchObject({ ...shown, ...ITS_OWN })

  const listed = await lab.fetch('/v1/suppressions?reason=unsubscribe', { headers: AUTHORIZED })
  expect(await listed.json()).toMatchObject({ data: [{ address: 'ada@example.net' }] })
  const removed = await lab.fetch('/v1/suppressions/ada@example.net?scope=list:news.weekly', {
    method: 'DELETE',
    headers: AUTHORIZED,
  })
  expect(removed.status).toBe(200)
})

/** Of this run and no other. */
const ITS_OWN = {
  timestamp: expect.any(String),
  message_id: expect.any(String),
  metadata: { tags: [], ip: '127.0.0.1', user_agent: 'Provider/1.0' },
}
