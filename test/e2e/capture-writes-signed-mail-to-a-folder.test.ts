import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'

test('in mode capture each delivery becomes a signed file and nobody is called', async () => {
  await using lab = await startLab({ config: { 'delivery.mode': 'capture' } })
  const id = await lab.sent({ to: ['a@example.net', 'b@nowhere.test'] })
  expect(story(await lab.ended(id))).toEqual(['queued', 'queued', 'delivered', 'delivered'])
  const folder = join(lab.folder, 'data/captured')
  expect(readdirSync(folder).sort()).toEqual([`${id}.0.eml`, `${id}.1.eml`])
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name))
    expect((await lab.dkim(bytes)).map((each) => each.result)).toEqual(['pass', 'pass'])
  }
  expect(lab.mx.connections).toBe(0)
  expect(lab.dns.questions).toEqual([])
})
