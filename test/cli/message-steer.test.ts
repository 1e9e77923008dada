//
// mailwok message cancel, retry and reschedule, as processes on a store of their own.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { commandFolder } from '../support/command-folder.ts'

// Each command is a process of its own, on a machine that runs other suites as well.
setDefaultTimeout(60_000)

const { run, json } = commandFolder('steer-', { words: [] })

test('what waits is cancelled once; what is none of it is told', async () => {
  await json('domain', 'add', 'shop.example')
  const sent = await json(
    'send',
    '--from',
    'a@shop.example',
    '--to',
    'delivered@sandbox.mailwok.test',
    '--subject',
    'x',
    '--text',
    'y',
  )
  const id: string = sent.message_id
  expect(await json('message', 'retry', id)).toMatchObject({
    message_id: id,
    moved: 1,
    recipients: [{ recipient: 'delivered@sandbox.mailwok.test', status: 'queued' }],
  })
  const early = await run('message', 'reschedule', id, 'now')
  expect([early.code, early.err]).toEqual([1, expect.stringContaining('was not scheduled')])
  expect((await run('message', 'reschedule', id, 'tomorrow')).err).toContain('a time with its offset')
  expect(await json('message', 'cancel', id)).toMatchObject({
    moved: 1,
    recipients: [{ status: 'cancelled' }],
  })
  expect(await json('message', 'cancel', id)).toMatchObject({ moved: 0 })
  expect((await run('message', 'retry', id)).err).toContain('every recipient')
  expect((await run('message', 'cancel', 'msg_000000000000')).code).toBe(1)
  expect((await run('message', 'cancel', 'x')).code).toBe(2)
})
