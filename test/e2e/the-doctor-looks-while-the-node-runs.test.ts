// What a running node says of itself: by command, by the API, and by the way that a bounce takes.

import { expect, test } from 'bun:test'
import { must, startLab } from '../support/appliance.ts'
import { publish } from '../support/domains.ts'
import { LAB_KEY } from '../support/lab-folder.ts'

const OPERATOR = 'mwk_live_Operator0Operator0'
const OPERATORS_KEY = `[[key]]\nname = "operator"\nsecret = "${OPERATOR}"\nscopes = ["operator"]\n`

test('it names its own listeners as its own, and says what fails', async () => {
  await using lab = await startLab({ config: { 'doctor.time_servers': '', 'delivery.dane': 'off' } })
  const { depth, diagnoses } = must(await lab.meanwhile(lab.admin.doctor({ depth: 'full' })))
  expect(depth).toBe('full')
  const ports = diagnoses.filter(({ check }) => check === 'ports')
  expect(ports.map(({ state }) => state)).toEqual(ports.map(() => 'ok'))
  expect(ports.map(({ subject }) => subject).join()).toContain(
    `inbound.listen 127.0.0.1:${lab.port('inbound.listen')}`,
  )
  expect(diagnoses.find(({ check }) => check === 'store')).toMatchObject({
    state: 'ok',
    why: expect.stringMatching(/and sound/),
  })
  expect(diagnoses.some(({ ailment }) => ailment === 'return_path_missing')).toBe(true)
})

test('the API answers with the last look, and looks when it is asked to', async () => {
  await using lab = await startLab({ config: { 'doctor.time_servers': '' }, toml: OPERATORS_KEY })
  const ask = (method: string, key: string, body?: unknown) =>
    lab.fetch('/v1/doctor', {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const last = await ask('GET', OPERATOR)
  expect(last.status).toBe(200)
  expect(await last.json()).toMatchObject({ success: true, depth: 'quick', data: expect.any(Array) })
  const now = await lab.meanwhile(ask('POST', OPERATOR, {}))
  const looked = (await now.json()) as {
    depth: string
    failed: boolean
    data: { ailment: string; docs: string }[]
  }
  expect([looked.depth, looked.failed]).toEqual(['full', true])
  expect(looked.data.find(({ ailment }) => ailment === 'return_path_missing')?.docs).toBe(
    'docs/doctor.md#return-path',
  )
  expect(await (await ask('GET', OPERATOR)).json()).toMatchObject({ depth: 'full' })
  expect((await ask('GET', LAB_KEY)).status).toBe(403)
  expect((await ask('POST', OPERATOR, { depth: 'deep' })).status).toBe(422)
})

test('a bounce is brought back by the way that bounces take, and the log has it', async () => {
  const port = await freePort()
  await using lab = await startLab({ config: { 'inbound.listen': `127.0.0.1:${port}` } })
  publish(lab.dns, must(await lab.admin.domainDns({ name: 'example.com' })))
  lab.dns.set('mail.lab.test', { A: ['127.0.0.1'] })
  await lab.stop()
  await lab.start({ 'delivery.mx_port': String(port) })
  const trip = must(await lab.meanwhile(lab.admin.doctorBounce({ domain: 'example.com' })))
  expect(trip.steps.map(({ ok, what }) => [what.split(' ')[0], ok])).toEqual([
    ['send', true],
    ['look', true],
    ['look', true],
    ['bring', true],
    ['find', true],
  ])
  expect(trip.came_back).toBe(true)
  expect((await lab.message(trip.message)).status).toBe('bounced')
})

test('a bounce that is lost on the way is told with the step at which', async () => {
  await using lab = await startLab()
  const trip = must(await lab.meanwhile(lab.admin.doctorBounce({ domain: null })))
  expect(trip).toMatchObject({
    came_back: false,
    return_path: expect.stringMatching(/@bounce\.example\.com$/),
  })
  expect(trip.steps.at(-1)).toMatchObject({ what: 'look up the MX of bounce.example.com', ok: false })
})

async function freePort(): Promise<number> {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } })
  const { port } = listener
  listener.stop(true)
  return port
}
