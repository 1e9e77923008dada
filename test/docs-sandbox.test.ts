//
// The curl lines of docs/sandbox.md, run in their order as they stand there: each gets the answer that stands below it, and
// the webhook gets what the page says.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Lab, must, startLab } from './support/appliance.ts'
import { hook, verified } from './support/hook.ts'
import { LAB_KEY, TEST_KEY } from './support/lab-folder.ts'
import { runs, testWith } from './support/system-part.ts'
import { until } from './support/until.ts'

const PAGE = readFileSync(join(dirname(import.meta.dir), 'docs', 'sandbox.md'), 'utf8')

interface Block {
  readonly kind: string
  readonly text: string
}
const blocks: readonly Block[] = [...PAGE.matchAll(/^```(sh|json|json webhook \S+)\n([\s\S]*?)^```$/gm)].map(
  ([, kind = '', text = '']) => ({ kind, text }),
)
const lines = blocks.flatMap((block, at) => {
  if (block.kind !== 'sh') return []
  const below = blocks[at + 1]
  return [{ line: block.text, answer: below?.kind === 'json' ? (JSON.parse(below.text) as object) : null }]
})

describe('docs/sandbox.md', () => {
  const program = hook()
  let lab: Lab
  let secret = ''
  /** Ids of the page → those that were given here. */
  const given = new Map<string, string>()
  const answers: string[] = []

  beforeAll(async () => {
    lab = await startLab({ config: { 'webhooks.allow': program.place } })
    const made = await lab.admin.webhookAdd({ account: 'default', url: program.url, events: [], note: '' })
    secret = must(made).secret
  })
  afterAll(async () => {
    await lab[Symbol.asyncDispose]()
    await program[Symbol.asyncDispose]()
  })

  const run = async (line: string): Promise<string> => {
    const here = [...given].reduce((text, [from, to]) => text.replaceAll(from, to), line)
    const command = here
      .replaceAll('https://mail.example.com', `http://127.0.0.1:${lab.port('api.http')}`)
      .replaceAll('mwk_test_…', TEST_KEY)
      .replaceAll('mwk_live_…', LAB_KEY)
    const child = Bun.spawn(['sh', '-c', command], { stdout: 'pipe', stderr: 'inherit' })
    const said = await new Response(child.stdout).text()
    expect(await child.exited).toBe(0)
    return said
  }

  /** Tokens are long and each copy has its own. */
  const asOnPage = (said: string): string =>
    said
      .replaceAll(`http://127.0.0.1:${lab.port('api.http')}`, 'https://mail.example.com')
      .replace(/\/([co])\/1[\w-]+/g, '/$1/1…')
      .replace(/"created_at":"[^"]+"/g, '"created_at":"2026-11-23T05:58:59.000Z"')

  test('has its lines', () => expect(lines.length).toBeGreaterThanOrEqual(6))

  for (const [at, { line, answer }] of lines.entries()) {
    testWith('curl', runs('curl', '--version'), `line ${at}: ${line.split('\n')[0]}`, async () => {
      await lab.advance(2000)
      let said = await run(line)
      // What a reader does comes a moment later.
      await lab.meanwhile(
        until('there is something', async () => {
          if (!said.includes('"data":[]')) return true
          said = await run(line)
          return false
        }),
      )
      answers.push(said)
      if (answer === null) return
      const got = JSON.parse(asOnPage(said)) as Record<string, unknown>
      const wanted = answer as Record<string, unknown>
      if (typeof wanted['message_id'] === 'string') given.set(wanted['message_id'], String(got['message_id']))
      expect({ ...got, ...differing(got) }).toEqual({ ...wanted, ...differing(wanted) })
    })
  }

  testWith(
    'curl',
    runs('curl', '--version'),
    'lines without an answer below got what the page says',
    async () => {
      const events = answers.find((said) => said.includes('has_more'))
      expect(JSON.parse(events ?? '{}').data).toMatchObject([{ event: 'email.clicked', test: true }])
      expect(answers.at(-1)).toMatch(/^To: .*bounce-hard@sandbox\.mailwok\.test\r$/m)
    },
  )

  testWith('curl', runs('curl', '--version'), 'the webhook gets what the page says', async () => {
    const told = blocks.find(({ kind }) => kind.startsWith('json webhook'))
    const wanted = JSON.parse(told?.text ?? '{}') as Record<string, unknown>
    const bodies = () => program.got.map((got) => verified(secret, got) as Record<string, unknown>)
    const clicked = () => bodies().find((body) => body['event'] === 'email.clicked')
    await lab.meanwhile(until('the click is told', () => clicked() !== undefined))
    const got = clicked() ?? {}
    const id = given.get(String(wanted['message_id'])) ?? ''
    const page: Record<string, unknown> = { ...wanted, message_id: id, timestamp: got['timestamp'] }
    expect(got).toEqual(page)
    expect(got['timestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  })
})

/** What differs from run to run: that it is there is what counts. */
const differing = (answer: Record<string, unknown>): object =>
  Object.fromEntries(
    ['message_id', 'estimated_delivery', 'size'].flatMap((key) =>
      key in answer ? [[key, typeof answer[key]]] : [],
    ),
  )
