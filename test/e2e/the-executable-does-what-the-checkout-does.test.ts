//
// What compiling could break (minified names, worker threads inside the binary, bytecode) shows here.

import { expect } from 'bun:test'
import { gzipSync } from 'node:zlib'
import { idIn, must } from '../support/appliance.ts'
import { deliver, letter, reportMail } from '../support/inbound.ts'
import { story } from '../support/lab-answers.ts'
import { EXECUTABLE, hasExecutable, startBinary } from '../support/lab-binary.ts'
import { verdictsOn } from '../support/lab-dkim.ts'
import { LAB_KEY } from '../support/lab-folder.ts'
import { dmarcXml } from '../support/reports.ts'
import { testWith } from '../support/system-part.ts'
import { until } from '../support/until.ts'

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

it('a report is read by the thread inside, and a letter is posted to a webhook', async () => {
  const got: string[] = []
  const program = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: async (request) => {
      got.push(await request.text())
      return new Response('')
    },
  })
  const place = `127.0.0.1:${program.port}`
  await using lab = await startBinary({ 'webhooks.allow': place })
  const message = reportMail('a.xml.gz', 'application/gzip', gzipSync(dmarcXml()))
  expect(await deliver(lab, { from: 'a@b.example', to: ['dmarc@example.com'], message })).toBe('250 2.0.0 Ok')
  const admin = await lab.admin()
  expect(must(await admin.reportList({ kind: null, domain: null, limit: 1 }))[0]?.passed).toBe(42)
  const route = { account: 'default', pattern: 'help@example.com', action: 'webhook' } as const
  must(await admin.inboundRouteAdd({ ...route, target: `http://${place}/` }))
  const body = 'Gr\u00fc\u00dfe'
  const written = letter('Content-Type: text/plain; charset=utf-8', body)
  expect(await deliver(lab, { from: 'a@b.example', to: ['help@example.com'], message: written })).toBe(
    '250 2.0.0 Ok',
  )
  await until('it is posted', () => got.length === 1)
  expect(JSON.parse(got[0] ?? '').data.text.trim()).toBe(body)
  await program.stop(true)
})

it('a template of MJML and one with a style sheet are built by the thread inside, and sent', async () => {
  await using lab = await startBinary()
  const text = '<mj-section><mj-column><mj-text>Hello {{ name }}</mj-text></mj-column></mj-section>'
  const templates = [
    { name: 'mjml', mjml: `<mjml><mj-body>${text}</mj-body></mjml>` },
    { name: 'css', html: '<style>p{color:red}</style><p>Hello {{ name }}</p>' },
  ]
  for (const template of templates) {
    const made = await lab.post('/v1/templates', { ...template, subject: 's', publish: true })
    expect(made.status).toBe(200)
    const { from, to } = LETTER
    const { body } = await lab.post('/v1/email/send', {
      from,
      to,
      template_id: template.name,
      data: { name: 'Ann' },
    })
    await lab.delivered(body.message_id)
  }
  const [mjml = '', css = ''] = lab.mx.messages.map(({ bytes }) => bytes.toString('latin1'))
  expect(mjml).toContain('>Hello Ann</div>')
  expect(css).toContain('<p style="color: red;">Hello Ann</p>')
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
