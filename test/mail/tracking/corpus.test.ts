//
// Real mail of twenty years, with the html that real programs write: tracked and read again by another library, it has to
// be what it was but for links and pixel.

import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { readLetter } from '../../../src/mail/mime/letter.ts'
import { leavesOf } from '../../../src/mail/mime/tree.ts'
import { compileSubmitted, fillMessage } from '../../../src/mail/tracking/submitted.ts'
import { DELIVERY, EVERYTHING, TRACKING_KEY, untrack } from '../../support/tracked.ts'

const CORPUS = join(import.meta.dir, '..', 'bounces', 'corpus')

/** Files have the line ends of the system that kept them. */
const asOnTheWire = (bytes: Uint8Array): Buffer =>
  Buffer.from(
    Buffer.from(bytes)
      .toString('latin1')
      .replace(/\r\n|\r|\n/g, '\r\n'),
    'latin1',
  )

const plain = (html: string): string => untrack(html).page.replaceAll(/(href\s*=\s*["']?)[^"'\s>]*/gi, '$1')

test('what is tracked reads as before', async () => {
  let pages = 0
  let links = 0
  for await (const path of new Bun.Glob('**/*.eml').scan({ cwd: CORPUS })) {
    const message = asOnTheWire(await Bun.file(join(CORPUS, path)).bytes())
    expect(leavesOf(message)).not.toBeNull()
    const compiled = compileSubmitted(message, EVERYTHING)
    if (!compiled.ok) continue
    const before = await readLetter(message)
    const after = await readLetter(fillMessage(compiled.value, DELIVERY, TRACKING_KEY))
    const { targets, pixels } = untrack(after.html ?? '')
    expect([path, pixels]).toEqual([path, 1])
    expect([path, plain(after.html ?? '')]).toEqual([path, plain(before.html ?? '')])
    expect(after.text).toBe(before.text)
    expect(after.attachments.map(({ content }) => Buffer.from(content).toString('base64'))).toEqual(
      before.attachments.map(({ content }) => Buffer.from(content).toString('base64')),
    )
    expect(after.headers).toEqual(before.headers)
    pages++
    links += targets.length
  }
  expect(pages).toBeGreaterThan(20)
  expect(links).toBeGreaterThan(30)
})
