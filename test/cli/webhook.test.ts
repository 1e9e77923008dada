//
// mailwok webhook, as a process on a store of its own.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { commandFolder } from '../support/command-folder.ts'

// Each command is a process of its own, on a machine that runs other suites as well.
setDefaultTimeout(60_000)

const { run, json } = commandFolder('webhook-', { words: ['webhook'] })

test('a webhook is added, listed and removed without a node; nothing was posted to it', async () => {
  const { id, secret } = await json('add', 'https://shop.example.com/hooks', '--event', 'email.bounced')
  expect(secret).toStartWith('whsec_')
  expect(await json('list')).toMatchObject([{ id, events: 'email.bounced', state: 'enabled' }])
  expect(await json('deliveries', id)).toEqual([])
  expect((await run('deliveries', id, '--state', 'lost')).err).toContain('want waiting, taken, given_up')
  expect((await run('deliveries', id, '--limit', 'many')).err).toContain('want a limit of 1 to 1000')
  expect(await json('remove', id)).toEqual({ id })
  expect((await run('deliveries', id)).err).toContain('mailwok webhook list')
})
