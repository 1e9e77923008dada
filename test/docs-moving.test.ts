//
// docs/moving.md: its programs are run against an appliance, and its tables are those that the facades go by.

import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { withTables } from '../scripts/moving.ts'
import { type Lab, startLab } from './support/appliance.ts'
import { LAB_KEY } from './support/lab-folder.ts'

const ROOT = dirname(import.meta.dir)
const PAGE = readFileSync(join(ROOT, 'docs', 'moving.md'), 'utf8')
const PROGRAMS = [...PAGE.matchAll(/^```diff (\w+)\n([\s\S]*?)^```$/gm)].map(
  ([, vendor = '', text = '']) => [vendor, text] as const,
)

describe('docs/moving.md', async () => {
  const lab: Lab = await startLab()
  const folder = mkdtempSync(join(tmpdir(), 'moving-'))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await lab[Symbol.asyncDispose]()
  })

  test('shows a program for each of the five', () => {
    expect(PROGRAMS.map(([vendor]) => vendor)).toEqual([
      'resend',
      'sendgrid',
      'postmark',
      'mailgun',
      'postal',
    ])
  })

  test.each(PROGRAMS)('the program for %s sends once its lines are changed', async (vendor, text) => {
    const after = text
      .split('\n')
      .filter((line) => !line.startsWith('-'))
      .map((line) => line.slice(1))
      .join('\n')
    // The lab speaks without TLS.
    const local = after
      .replaceAll('https://mail.example.com', `http://127.0.0.1:${lab.port('api.http')}`)
      .replaceAll(
        "requestHost: 'mail.example.com/",
        `useHttps: false, requestHost: '127.0.0.1:${lab.port('api.http')}/`,
      )
    expect(local).not.toContain('mail.example.com')
    const path = join(folder, `${vendor}.mjs`)
    writeFileSync(path, local)
    const program = Bun.spawn([process.execPath, path], {
      env: { ...process.env, MAILWOK_API_KEY: LAB_KEY },
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const [said, wrong] = await Promise.all([
      new Response(program.stdout).text(),
      new Response(program.stderr).text(),
    ])
    const id = /msg_[0-9a-z]{12}/.exec(said)?.[0] ?? `nothing was sent: ${wrong}`
    expect(await lab.ended(id)).toMatchObject({
      to: ['ann@example.net'],
      subject: 'Your order',
      status: 'delivered',
    })
  })

  test('the tables are those of the facades; bun scripts/moving.ts writes them', () => {
    expect(withTables(PAGE)).toBe(PAGE)
  })
})
