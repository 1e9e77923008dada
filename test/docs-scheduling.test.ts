//
// The examples of docs/scheduling.md, run in their order against an appliance: each request gets the answer below it.

import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AUTHORIZED, startLab } from './support/appliance.ts'
import { handClock, WITH_FRACTIONS } from './support/clock.ts'

const PAGE = readFileSync(join(dirname(import.meta.dir), 'docs', 'scheduling.md'), 'utf8')
/** The id that the page shows. */
const SHOWN = 'msg_mwsuuzu20001'

const blocks = [...PAGE.matchAll(/^```json (request|answer) (\S+) ?(\S*)\n([\s\S]*?)^```$/gm)]

test('requests get the answers that stand below them', async () => {
  await using lab = await startLab({ clock: handClock(Date.UTC(2026, 11, 1), WITH_FRACTIONS) })
  let id = ''
  expect(blocks).toHaveLength(6)
  for (const [at, [, kind, method = '', path = '', body = '']] of blocks.entries()) {
    if (kind !== 'request') continue
    const [, , status, , shown = ''] = blocks[at + 1] ?? []
    const answer = await lab.fetch(path.replace(SHOWN, id), {
      method,
      headers: { ...AUTHORIZED, 'content-type': 'application/json' },
      ...(body === '' ? {} : { body }),
    })
    const got = (await answer.json()) as { readonly message_id: string }
    id ||= got.message_id
    expect(answer.status).toBe(Number(status))
    expect<unknown>(got).toEqual(JSON.parse(shown.replace(SHOWN, id)))
  }
})
