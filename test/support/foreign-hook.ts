//
// Owns: a program that takes webhooks in a process of its own, which can be killed; what it got is in a file before it
// answers.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Got } from './hook.ts'

export interface ForeignHook {
  readonly url: string
  readonly place: string
  /** Over all its lives. */
  got(): readonly Got[]
  /** Again on the same port; nothing where it stands. */
  start(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
}

const PROGRAM = `
  const { appendFileSync } = require('node:fs')
  const [port, file] = process.argv.slice(-2)
  const server = Bun.serve({ hostname: '127.0.0.1', port: Number(port), async fetch(request) {
    const got = { headers: Object.fromEntries(request.headers), text: await request.text(), at: performance.now() }
    appendFileSync(file, JSON.stringify(got) + '\\n')
    // Long enough to be killed between the two.
    await Bun.sleep(3)
    return new Response('taken')
  } })
  console.log(server.port)
`

export async function startForeignHook(folder: string): Promise<ForeignHook> {
  const file = join(folder, 'told')
  writeFileSync(file, '')
  let child = await begin(0, file)
  let stands = true
  const { port } = child
  const place = `127.0.0.1:${port}`
  return {
    place,
    url: `http://${place}/hook`,
    got: () => linesOf(file).map((line) => JSON.parse(line) as Got),
    async start() {
      if (!stands) child = await begin(port, file)
      stands = true
    },
    async kill() {
      stands = false
      child.process.kill('SIGKILL')
      await child.process.exited
    },
  }
}

/** A line that its death cut short was never answered. */
const linesOf = (file: string): readonly string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))

async function begin(port: number, file: string) {
  const child = Bun.spawn(
    ['setpriv', '--pdeathsig', 'KILL', '--', process.execPath, '-e', PROGRAM, String(port), file],
    {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'inherit',
    },
  )
  const first = await child.stdout.getReader().read()
  return { process: child, port: Number(new TextDecoder().decode(first.value).trim()) }
}
