//
// The admin socket and its client, on a real unix socket, with actions that answer what they were asked.

import { afterEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAdmin } from '../../cli/client.ts'
import { ADMIN_ACTIONS, type AdminActions } from '../../src/admin/admin.ts'
import { type AdminSocket, serveAdmin } from '../../src/admin/socket.ts'
import type { Log } from '../../src/core/ports.ts'

const logged: string[] = []
const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (what) => void logged.push(what),
}

const asked: unknown[] = []
const echo = Object.fromEntries(
  ADMIN_ACTIONS.map((name) => [
    name,
    async (ask: object) => {
      asked.push({ name, ask })
      if (name === 'metrics') throw new Error('planted')
      if (name === 'keyList') return { ok: false, error: { code: 'not_found', message: 'no such account' } }
      return { ok: true, value: { name, ...ask } }
    },
  ]),
) as unknown as AdminActions

const sockets: AdminSocket[] = []
const folders: string[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) await socket.stop()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  asked.length = 0
})

function freshPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-admin-'))
  folders.push(folder)
  return join(folder, 'run', 'admin.sock')
}

async function open(path: string): Promise<void> {
  const served = await serveAdmin(path, echo, { log, note: async () => undefined })
  if (!served.ok) throw new Error(served.error)
  sockets.push(served.value)
}

const post = (path: string, action: string, body: string) =>
  fetch(`http://localhost/admin/${action}`, { unix: path, method: 'POST', body })

describe('between client and node', () => {
  test('every action goes over and comes back', async () => {
    const path = freshPath()
    await open(path)
    const admin = await connectAdmin(path)
    const done = await admin?.keyCreate({ account: 'default', name: 'päckchen', mode: 'live' })
    expect(done).toEqual({
      ok: true,
      value: expect.objectContaining({ name: 'päckchen', account: 'default' }),
    })
    expect(asked).toEqual([
      { name: 'keyCreate', ask: { account: 'default', name: 'päckchen', mode: 'live' } },
    ])
  })

  test('a fault comes back as one', async () => {
    const path = freshPath()
    await open(path)
    const admin = await connectAdmin(path)
    expect(await admin?.keyList({ account: 'x' })).toEqual({
      ok: false,
      error: { code: 'not_found', message: 'no such account' },
    })
  })

  test('a bug is logged, and told without its inside', async () => {
    const path = freshPath()
    await open(path)
    const admin = await connectAdmin(path)
    const done = await admin?.metrics({})
    expect(done?.ok).toBe(false)
    expect(JSON.stringify(done)).not.toContain('planted')
    expect(logged).toEqual(['admin action failed'])
  })

  test('nobody at home is null, whatever lies there', async () => {
    const path = freshPath()
    expect(await connectAdmin('')).toBeNull()
    expect(await connectAdmin(path)).toBeNull()
    await open(path)
    await sockets.pop()?.stop()
    expect(await connectAdmin(path)).toBeNull()
  })
})

describe('the socket', () => {
  test('is for its owner and group alone, and gone after the end', async () => {
    const path = freshPath()
    await open(path)
    expect(statSync(path).mode & 0o777).toBe(0o660)
    await sockets.pop()?.stop()
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined()
  })

  test('of a living node is not taken away', async () => {
    const path = freshPath()
    await open(path)
    const second = await serveAdmin(path, echo, { log, note: async () => undefined })
    expect(second.ok ? '' : second.error).toContain('in use')
    expect(await connectAdmin(path)).not.toBeNull()
  })

  test('of a dead node is replaced', async () => {
    const path = freshPath()
    await open(path)
    await sockets.pop()?.stop()
    writeFileSync(path, '')
    await open(path)
    expect(await connectAdmin(path)).not.toBeNull()
  })

  test.each([
    ['nowhere', '{}', 404],
    ['__proto__', '{}', 404],
    ['send/../status', '{}', 200],
    ['status', 'not json', 400],
    ['status', '[]', 400],
    ['status', '', 400],
    ['keyList', '{}', 422],
    ['metrics', '{}', 500],
  ] as const)('POST %s with %p is %i', async (action, body, status) => {
    const path = freshPath()
    await open(path)
    expect((await post(path, action, body)).status).toBe(status)
  })

  test('GET does nothing', async () => {
    const path = freshPath()
    await open(path)
    expect((await fetch('http://localhost/admin/status', { unix: path })).status).toBe(405)
    expect(asked).toEqual([])
  })
})
