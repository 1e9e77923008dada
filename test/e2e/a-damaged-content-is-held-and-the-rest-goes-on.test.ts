//
// F14: a flipped byte on the disk costs that message alone; it is neither sent wrong nor thrown away.

import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { startLab } from '../support/appliance.ts'

test('a content that does not match its SHA-256 is held; other mail is delivered', async () => {
  let greylisting = true
  await using lab = await startLab({
    mx: { at: (moment) => (moment === 'RCPT' && greylisting ? '450 4.2.0 later' : undefined) },
  })
  const damaged = await lab.sent({ text: 'pay 100 euro' })
  const sound = await lab.sent({ text: 'hello' })
  await lab.tried(damaged, 1)
  await lab.tried(sound, 1)
  await lab.stop()
  const db = new Database(join(lab.folder, 'data/mailwok.db'))
  const changed = db.run(
    `UPDATE contents SET bytes = CAST(replace(CAST(bytes AS TEXT), 'pay 100', 'pay 900') AS BLOB)
      WHERE id = (SELECT content_id FROM messages WHERE id = ?)`,
    [damaged],
  )
  expect(changed.changes).toBe(1)
  db.close()
  greylisting = false
  await lab.start()
  await lab.advance(61_000)
  expect((await lab.ended(sound)).status).toBe('delivered')
  expect((await lab.message(damaged)).status).toBe('held')
  expect(lab.mx.messages).toHaveLength(1)
  expect(lab.mx.messages[0]?.bytes.toString()).not.toContain('900')
})
