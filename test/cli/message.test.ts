//
// `mailwok message list` and `show` as a process, against a node that captures.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startLab } from '../support/appliance.ts'
import { mailwok } from '../support/command-line.ts'

setDefaultTimeout(30_000)

test('what was captured comes out of the command line as it is, and recent mail is listed', async () => {
  await using lab = await startLab({ config: { 'delivery.mode': 'capture' } })
  const to = ['a@example.net', 'b@example.net']
  const id = await lab.sent({ to, html: '<p>Grüße</p>', track_opens: false })
  await lab.ended(id)
  const run = (...args: readonly string[]) =>
    mailwok(['--set', `api.admin_socket=${join(lab.folder, 'admin.sock')}`, 'message', ...args], {
      cwd: lab.folder,
    })
  const file = readFileSync(join(lab.folder, 'data/captured', `${id}.1.eml`), 'utf8')
  expect(await run('show', id, '--raw', '--recipient', 'b@example.net')).toEqual({
    code: 0,
    out: file,
    err: '',
  })
  expect((await run('show', id, '--html')).out.trim()).toBe('<p>Grüße</p>')
  expect(JSON.parse((await run('show', id, '--text', '--json')).out)).toMatchObject({
    message_id: id,
    recipient: 'a@example.net',
    source: 'captured',
    content: expect.stringContaining('Grüße'),
  })
  expect(
    JSON.parse((await run('list', '--recipient', 'B@example.net', '--state', 'delivered')).out),
  ).toMatchObject([{ message_id: id, recipient: 'b@example.net', state: 'delivered', subject: 'Hello' }])
  const usage = [
    await run('show', id, '--raw', '--html'),
    await run('list', '--limit', '0'),
    await run('list', '--state', 'sent'),
  ]
  expect(usage.map(({ code, out }) => [code, out])).toEqual([
    [2, ''],
    [2, ''],
    [2, ''],
  ])
  const nobody = await run('show', id, '--raw', '--recipient', 'c@example.net')
  expect([nobody.code, nobody.err]).toEqual([
    1,
    expect.stringContaining('it has a@example.net, b@example.net'),
  ])
})
