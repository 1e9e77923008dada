import { expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deliveryId, parseMessageId } from '../../../src/core/ids.ts'
import { capture } from '../../../src/net/delivery/capture.ts'

test('what is captured is nobody else’s to read: it holds sign-in codes as real mail does', async () => {
  const above = mkdtempSync(join(tmpdir(), 'mailwok-capture-'))
  const umask = process.umask(0)
  try {
    const message = parseMessageId('msg_mwsuuzu20001')
    if (message === null) throw new Error('an id of the documentation is no id')
    const folder = join(above, 'a', 'b')
    const file = await capture(folder, {
      delivery: deliveryId(message, 0),
      pieces: [Buffer.from('Subject: '), Buffer.from('x')],
      at: 1_700_000_000_000,
    })
    expect(statSync(file).mtimeMs).toBe(1_700_000_000_000)
    expect(readFileSync(file, 'latin1')).toBe('Subject: x')
    expect(statSync(file).mode & 0o777).toBe(0o640)
    expect(statSync(folder).mode & 0o777).toBe(0o750)
  } finally {
    process.umask(umask)
    rmSync(above, { recursive: true })
  }
})
