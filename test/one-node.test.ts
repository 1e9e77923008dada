import { afterAll, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { claimNode } from '../src/one-node.ts'
import { startLab } from './support/appliance.ts'

const folder = mkdtempSync(join(tmpdir(), 'mailwok-one-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function claimed(node: string): Promise<() => Promise<void>> {
  const claim = await claimNode({ dataDir: join(folder, 'data'), node })
  if (!claim.ok) throw new Error(claim.error)
  return claim.value
}

test('a second node of the same name in the same folder does not start, and the first goes on', async () => {
  await using lab = await startLab()
  await expect(startLab({ beside: lab })).rejects.toThrow('another process runs node 0')
  await lab.ended(await lab.sent())
  expect(lab.mx.messages).toHaveLength(1)
})

test('another name, or the same one afterwards, is free', async () => {
  const first = await claimed('0')
  expect(await claimNode({ dataDir: join(folder, 'data'), node: '0' })).toMatchObject({ ok: false })
  const other = await claimed('1')
  await first()
  await (await claimed('0'))()
  await other()
  expect(existsSync(join(folder, 'data', 'node-0.sock'))).toBe(false)
})

test('what a killed process left behind is no claim', async () => {
  const path = join(folder, 'data', 'node-2.sock')
  const script = `Bun.serve({ unix: ${JSON.stringify(path)}, fetch: () => new Response('') }); process.kill(process.pid, 'SIGKILL')`
  await Bun.spawn([process.execPath, '-e', script]).exited
  expect(existsSync(path)).toBe(true)
  await (await claimed('2'))()
})

test('a stopped process still holds its claim', async () => {
  const path = join(folder, 'data', 'node-3.sock')
  const script = `Bun.serve({ unix: ${JSON.stringify(path)}, fetch: () => new Response('') }); console.log('up')`
  const child = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe' })
  await child.stdout.getReader().read()
  child.kill('SIGSTOP')
  expect(await claimNode({ dataDir: join(folder, 'data'), node: '3' })).toMatchObject({ ok: false })
  child.kill('SIGKILL')
  await child.exited
})
