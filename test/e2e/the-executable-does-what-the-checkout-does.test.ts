//
// What compiling could break (minified names, worker threads inside the binary, bytecode) shows here.

import { expect } from 'bun:test'
import { idIn, must } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'
import { EXECUTABLE, hasExecutable, startBinary } from '../support/lab-binary.ts'
import { verdictsOn } from '../support/lab-dkim.ts'
import { LAB_KEY } from '../support/lab-folder.ts'
import { testWith } from '../support/system-part.ts'

const LETTER = { from: 'a@example.com', to: 'a@example.net', subject: 'Order 4711', text: 'secret words' }
const it = (name: string, run: () => Promise<void>): void => testWith(EXECUTABLE, hasExecutable, name, run)

it('a send by REST and one by SMTP arrive signed, and neither words nor keys reach the log', async () => {
  await using lab = await startBinary()
  const { status, body } = await lab.post('/v1/email/send', { ...LETTER, html: '<p>secret words</p>' })
  expect(status).toBe(200)
  expect(story(await lab.delivered(body.message_id))).toEqual(['queued', 'delivered'])
  await lab.delivered(idIn(await lab.submit('more secret words')))
  expect(lab.mx.messages).toHaveLength(2)
  const admin = await lab.admin()
  const records = async () => must(await admin.domainDns({ name: 'example.com' }))
  for (const { bytes } of lab.mx.messages) {
    const verdicts = await verdictsOn(bytes, records, Date.now())
    expect(verdicts.map(({ result }) => result)).toEqual(['pass', 'pass'])
  }
  expect(await lab.end('SIGTERM')).toBe(0)
  expect(lab.written).toContain('stopping')
  for (const secret of ['secret words', 'Order 4711', LAB_KEY]) expect(lab.written).not.toContain(secret)
})

it('bodies are validated: an unknown field is a 422 that names it', async () => {
  await using lab = await startBinary()
  const { status, body } = await lab.post('/v1/email/send', { ...LETTER, subjekt: 'x' })
  expect(status).toBe(422)
  expect(body.error.fields[0]).toMatchObject({ path: 'subjekt', code: 'unknown_field' })
  const merged = await lab.post('/v1/email/send', { ...LETTER, text: '{{name}}', data: {} })
  expect(merged.body.error.fields[0]?.path).toBe('data.name')
  expect(lab.mx.connections).toBe(0)
})

it('what it said yes to survives kill -9', async () => {
  await using lab = await startBinary({ 'server.roles': 'api' })
  const ids: string[] = []
  for (let i = 0; i < 20; i++) {
    const { body } = await lab.post('/v1/email/send', { ...LETTER, to: `r${i}@example.net` })
    ids.push(body.message_id)
  }
  expect(await lab.end('SIGKILL')).toBe('SIGKILL')
  await lab.start()
  for (const id of ids) await lab.delivered(id)
  expect(new Set(lab.mx.messages.flatMap((message) => message.forwardPaths)).size).toBe(20)
  expect(lab.mx.messages).toHaveLength(20)
})
