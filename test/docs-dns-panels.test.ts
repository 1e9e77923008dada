//
// What docs/dns-panels.md shows is what the command line prints for the same domain and server.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DnsRow } from '../src/admin/domain-rows.ts'
import { commandFolder } from './support/command-folder.ts'

// Each command is a process of its own.
setDefaultTimeout(60_000)

const PAGE = readFileSync(join(import.meta.dir, '..', 'docs', 'dns-panels.md'), 'utf8')

/** Keys are others each time; a long one stands in two strings. */
const withoutKeys = (text: string): string =>
  text.replaceAll('" "', '').replace(/p=[A-Za-z0-9+/]{40,}=*/g, 'p=…')

test('the records of the page are those that are printed', async () => {
  const { json, run } = commandFolder('panels')
  await json('domain', 'add', 'example.com')
  const rows: readonly DnsRow[] = await json('domain', 'dns', 'example.com')
  const { out } = await run('domain', 'dns', 'example.com', '--format', 'bind')
  const bind = withoutKeys(out.trimEnd())

  expect(/^```\n(mw1r[\s\S]*?)\n```$/m.exec(PAGE)?.[1]).toBe(bind)
  const shown = [...PAGE.matchAll(/^\| (TXT|MX|CNAME) \| `(\S+)` \| `(\S+)` \| `([^`]+)`/gm)]
  expect(shown.map(([, ...cells]) => cells)).toEqual(
    rows.map(({ name, relative_name, type, value }) => [type, relative_name, name, withoutKeys(value)]),
  )
  const { length } = rows[0]?.value ?? ''
  expect(PAGE).toContain(`some ${Math.round(length / 10) * 10} characters`)
})
