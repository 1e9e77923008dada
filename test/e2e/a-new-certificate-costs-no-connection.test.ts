import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mailwokCommand } from '../support/command-line.ts'
import { reloadUnderLoad } from '../support/reload-load.ts'

test('SIGHUP with a new certificate, ten times a second under load, fails nobody', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-reload-'))
  try {
    const command = mailwokCommand('serve')
    const { certificates, done, failed, reloads } = await reloadUnderLoad({
      folder,
      command,
      seconds: 3,
      every: 100,
    })
    expect(failed).toEqual({})
    // It is seen that they were taken up, by every kind of client at work.
    expect(certificates).toBeGreaterThan(reloads / 3)
    expect(Math.min(...Object.values(done))).toBeGreaterThan(20)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 30_000)
