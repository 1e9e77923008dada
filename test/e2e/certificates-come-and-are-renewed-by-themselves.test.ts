import { afterAll, beforeAll, describe, expect } from 'bun:test'
import { DAY, HOUR, MINUTE } from '../../src/core/time.ts'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { type HandClock, handClock, WITH_FRACTIONS } from '../support/clock.ts'
import { type FakeDns, startDns } from '../support/dns.ts'
import { HAS_PEBBLE, type Pebble, startPebble } from '../support/pebble.ts'
import { testWith } from '../support/system-part.ts'
import { shown } from '../support/tls-shown.ts'
import { until } from '../support/until.ts'

const needs = (name: string, run: () => Promise<void>): void => testWith('pebble', HAS_PEBBLE, name, run)

let dns: FakeDns
let pebble: Pebble

beforeAll(async () => {
  if (!HAS_PEBBLE) return
  dns = await startDns({
    'mail.lab.test': { A: ['127.0.0.1'] },
    'smtp.lab.test': { A: ['127.0.0.1'] },
  })
  pebble = await startPebble({ dns: dns.address })
})
afterAll(async () => {
  await pebble?.[Symbol.asyncDispose]()
  await dns?.close()
})

const acme = (over: Readonly<Record<string, string>> = {}) => ({
  'tls.mode': 'acme',
  'tls.acme_terms_agreed': 'true',
  'tls.acme_directory': pebble.directory,
  'tls.acme_ca_file': pebble.caFile,
  'tls.acme_http': `127.0.0.1:${pebble.httpPort}`,
  'api.https': '127.0.0.1:0',
  'dns.servers': dns.address,
  ...over,
})

const nowClock = (): HandClock => handClock(Date.now(), WITH_FRACTIONS)

const lab = (over: Readonly<Record<string, string>> = {}): Promise<Lab> =>
  startLab({ config: acme(over), clock: nowClock() })

const list = async ({ admin }: Lab) => must(await admin.tlsList({}))
const row = async (at: Lab, host: string) => (await list(at)).find((one) => one.host === host)
const stateIs = (at: Lab, host: string, state: string): Promise<void> =>
  at.meanwhile(until(`${host} is ${state}`, async () => (await row(at, host))?.state === state))
const faultOf = async (at: Lab, host: string): Promise<{ readonly error: string; readonly fix: string }> => {
  await at.meanwhile(until(`${host} fails`, async () => (await row(at, host))?.error != null))
  const { error, fix } = (await row(at, host)) ?? {}
  return { error: error ?? '', fix: fix ?? '' }
}
const readiness = async (at: Lab): Promise<string> => (await at.fetch('/readyz')).text()
/** Of the look that the start began, whoever comes meanwhile gets the result: so it is asked until it says so. */
const doctorSays = (at: Lab, ...wanted: readonly string[]): Promise<void> =>
  at.meanwhile(
    until(`the doctor says ${wanted.join(', ')}`, async () => {
      const said = must(await at.admin.doctor({ depth: 'quick' }))
        .diagnoses.filter(({ check }) => check === 'certificate' || check === 'queue')
        .map(({ subject, state, ailment }) => `${subject}: ${state} ${ailment ?? ''}`.trim())
      return said.length === wanted.length && wanted.every((one) => said.includes(one))
    }),
  )
const orders = (): number => pebble.seen.filter((one) => one === 'POST /order-plz').length

describe('certificates', () => {
  needs(
    'come after the start, are taken up by every listener without a restart, and outlive one',
    async () => {
      pebble.away = true
      await using at = await lab({ 'tls.hosts': 'smtp.lab.test' })
      expect((await faultOf(at, 'mail.lab.test')).error).toContain('localhost')
      expect(await readiness(at)).toContain('self-signed until an authority has issued one')
      expect((await shown(at.port('api.https'), 'mail.lab.test')).issuer).toBe('mail.lab.test')
      // What the certificate lacks is told as such, and not as a queue that stands.
      await faultOf(at, 'smtp.lab.test')
      const missing = ['mail', 'smtp'].map((name) => `${name}.lab.test: fail certificate_missing`)
      await doctorSays(at, ...missing, 'queue: ok')
      pebble.away = false
      await stateIs(at, 'mail.lab.test', 'valid')
      await stateIs(at, 'smtp.lab.test', 'valid')
      expect(await readiness(at)).not.toContain('certificate')
      await doctorSays(at, 'mail.lab.test: ok', 'smtp.lab.test: ok', 'queue: ok')
      for (const listener of ['api.https', 'submission.tls']) {
        for (const host of ['mail.lab.test', 'smtp.lab.test']) {
          const { issuer, names } = await shown(at.port(listener), host)
          expect([issuer, names]).toEqual([expect.stringMatching(/^Pebble/), `DNS:${host}`])
        }
        expect((await shown(at.port(listener), 'somewhere.else.test')).names).toBe('DNS:mail.lab.test')
      }
      const trusted = await fetch(`https://127.0.0.1:${at.port('api.https')}/livez`, {
        headers: { host: 'mail.lab.test' },
        tls: { ca: await pebble.root(), serverName: 'mail.lab.test' },
      } as RequestInit)
      expect(trusted.status).toBe(200)
      const asked = orders()
      await at.stop()
      await at.start()
      expect((await shown(at.port('api.https'), 'mail.lab.test')).issuer).toMatch(/^Pebble/)
      await at.advance(2 * MINUTE)
      expect(orders()).toBe(asked)
      expect(must(await at.admin.metrics({}))).toContain(
        'mailwok_certificate_expiry_seconds{host="mail.lab.test"}',
      )
    },
  )

  needs('are renewed at two thirds of their life, also when the clock jumped there', async () => {
    await using at = await lab()
    await stateIs(at, 'mail.lab.test', 'valid')
    const { expires_at, renews_at } = (await row(at, 'mail.lab.test')) ?? {}
    const end = Date.parse(expires_at ?? '')
    const life = end - at.clock.now()
    const left = end - Date.parse(renews_at ?? '')
    expect(left / life).toBeWithin(0.33, 0.39)
    const asked = orders()
    at.clock.jump(Date.parse(renews_at ?? '') - at.clock.now() - DAY)
    await at.advance(2 * MINUTE)
    expect(orders()).toBe(asked)
    at.clock.jump(DAY)
    await at.meanwhile(until('it is renewed', () => orders() === asked + 1))
    await stateIs(at, 'mail.lab.test', 'valid')
    expect((await row(at, 'mail.lab.test'))?.error).toBeNull()
  })

  needs('are renewed when the authority wants it, and say which they follow', async () => {
    pebble.window = {
      start: new Date(Date.now() + 300 * DAY).toISOString(),
      end: new Date(Date.now() + 301 * DAY).toISOString(),
    }
    await using at = await lab()
    await stateIs(at, 'mail.lab.test', 'valid')
    await at.meanwhile(
      until(
        'the window counts',
        async () => Date.parse((await row(at, 'mail.lab.test'))?.renews_at ?? '') < Date.now() + 302 * DAY,
      ),
    )
    const asked = orders()
    const [id] = pebble.windowsAsked.slice(-1)
    expect(id).toMatch(/^[\w-]{20,}\.[\w-]{8,}$/)
    const past = Date.now() - HOUR
    pebble.window = { start: new Date(past).toISOString(), end: new Date(past + MINUTE).toISOString() }
    at.clock.jump(7 * HOUR)
    await at.meanwhile(until('it is renewed early', () => orders() === asked + 1))
    expect(pebble.orders.at(-1)).toMatchObject({ replaces: id ?? '' })
    pebble.window = null
  })

  needs(
    'of a host that does not lead here fail alone, with what to do, and are not asked for again at once',
    async () => {
      dns.set('broken.lab.test', { A: ['127.0.0.2'] })
      dns.set('absent.lab.test', null)
      await using at = await lab({ 'tls.hosts': 'broken.lab.test,absent.lab.test,smtp.lab.test' })
      const broken = await faultOf(at, 'broken.lab.test')
      expect(broken.fix).toContain('http://broken.lab.test/.well-known/acme-challenge/')
      expect(broken.error).not.toBe('')
      expect(await faultOf(at, 'absent.lab.test')).toMatchObject({
        error: 'absent.lab.test has neither an A nor an AAAA record: the authority was not asked',
        fix: expect.stringContaining('publish an A or AAAA record'),
      })
      await stateIs(at, 'mail.lab.test', 'valid')
      await stateIs(at, 'smtp.lab.test', 'valid')
      expect(await readiness(at)).not.toContain('certificate')
      const asked = orders()
      await at.stop()
      await at.start()
      await at.advance(2 * MINUTE)
      expect(orders()).toBe(asked)
      dns.set('broken.lab.test', { A: ['127.0.0.1'] })
      expect(must(await at.admin.tlsRenew({ name: 'broken.lab.test' })).ordered).toEqual(['broken.lab.test'])
      await stateIs(at, 'broken.lab.test', 'valid')
      expect((await row(at, 'broken.lab.test'))?.error).toBeNull()
      expect((await at.admin.tlsRenew({ name: 'nobody.lab.test' })).ok).toBe(false)
    },
  )

  needs('wait as long as the authority says when it wants less, whoever asks', async () => {
    const body = JSON.stringify({
      type: 'urn:ietf:params:acme:error:rateLimited',
      detail: 'too many certificates',
    })
    const type = { 'content-type': 'application/problem+json', 'retry-after': '7200' }
    pebble.troubles.push({ at: '/order-plz', times: 1, status: 429, headers: type, body })
    await using at = await lab()
    expect(await faultOf(at, 'mail.lab.test')).toMatchObject({ error: 'too many certificates' })
    const asked = orders()
    const refused = await at.admin.tlsRenew({ name: 'mail.lab.test' })
    expect(refused).toMatchObject({ ok: false, error: { code: 'too_soon' } })
    await at.advance(3 * MINUTE)
    at.clock.jump(HOUR)
    await at.advance(3 * MINUTE)
    expect(orders()).toBe(asked)
    at.clock.jump(HOUR)
    await stateIs(at, 'mail.lab.test', 'valid')
  })

  needs('go on with their order after an end between order and certificate', async () => {
    pebble.troubles.push({ at: '/certZ/', times: 3, status: 503 })
    await using at = await lab()
    await faultOf(at, 'mail.lab.test')
    const asked = orders()
    await at.stop()
    for (const trouble of pebble.troubles) trouble.times = 0
    await at.start()
    await stateIs(at, 'mail.lab.test', 'valid')
    expect(orders()).toBe(asked)
  })

  needs('come for the tracking host of a domain once its CNAME was seen, and not before', async () => {
    await using at = await lab()
    await stateIs(at, 'mail.lab.test', 'valid')
    expect((await list(at)).map(({ host }) => host)).toEqual(['mail.lab.test'])
    dns.set('track.example.com', { CNAME: 'mail.lab.test' })
    must(await at.admin.domainVerify({ name: 'example.com' }))
    await stateIs(at, 'track.example.com', 'valid')
    const { issuer, names } = await shown(at.port('api.https'), 'track.example.com')
    expect([issuer, names]).toEqual([expect.stringMatching(/^Pebble/), 'DNS:track.example.com'])
    expect((await shown(at.port('submission.tls'), 'mail.lab.test')).names).toBe('DNS:mail.lab.test')
  })

  needs('come over refused nonces, and with an account of the outside world', async () => {
    const kid = 'kid-1'
    const key = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W'
    await using other = await startPebble({
      dns: dns.address,
      env: { PEBBLE_WFE_NONCEREJECT: '50' },
      bindings: { [kid]: key },
    })
    const places = {
      'tls.acme_directory': other.directory,
      'tls.acme_ca_file': other.caFile,
      'tls.acme_http': `127.0.0.1:${other.httpPort}`,
    }
    await using without = await lab(places)
    expect((await faultOf(without, 'mail.lab.test')).fix).toContain('acme_eab_kid')
    await without.stop()
    await without.start({ 'tls.acme_eab_kid': kid, 'tls.acme_eab_key': key })
    await stateIs(without, 'mail.lab.test', 'valid')
  })
})

describe('the port on which authorities ask', () => {
  needs('answers known tokens alone, and leads all else to https where the host is ours', async () => {
    await using at = await lab()
    await stateIs(at, 'mail.lab.test', 'valid')
    const ask = (path: string, host: string, init: RequestInit = {}) =>
      fetch(`http://127.0.0.1:${at.port('tls.acme_http')}${path}`, {
        ...init,
        headers: { host },
        redirect: 'manual',
      })
    const unknown = '/.well-known/acme-challenge/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    for (const path of [
      unknown,
      '/.well-known/acme-challenge/..%2f..%2fsecret',
      '/.well-known/acme-challenge/',
    ]) {
      expect((await ask(path, 'mail.lab.test')).status).toBe(404)
      expect((await at.fetch(path)).status).toBe(404)
    }
    expect((await ask(unknown, 'mail.lab.test', { method: 'POST' })).status).toBe(405)
    const led = await ask('/docs?a=b', 'mail.lab.test')
    expect([led.status, led.headers.get('location')]).toEqual([308, 'https://mail.lab.test/docs?a=b'])
    expect((await ask('/', 'evil.test')).status).toBe(404)
    expect((await ask('/v1/email/send', 'mail.lab.test', { method: 'POST', body: '{}' })).status).toBe(403)
  })
})
