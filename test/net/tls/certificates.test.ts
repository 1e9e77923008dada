import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { X509Certificate } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import type { Certificate } from '../../../src/core/certificate.ts'
import type { Log } from '../../../src/core/ports.ts'
import { DAY } from '../../../src/core/time.ts'
import {
  type CertificateOptions,
  type Certificates,
  openCertificates,
} from '../../../src/net/tls/certificates.ts'
import { listenerTlsOptions } from '../../../src/net/tls/listening.ts'
import { selfSigned } from '../../../src/net/tls/x509.ts'
import { type HandClock, handClock } from '../../support/clock.ts'
import { until } from '../../support/until.ts'

let folder: string
let clock: HandClock
let said: string[]
const opened: Certificates[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mailwok-tls-'))
  clock = handClock(Date.now())
  said = []
})
afterEach(() => {
  for (const certificates of opened.splice(0)) certificates.stop()
  rmSync(folder, { recursive: true })
})

function options(over: Partial<CertificateOptions> = {}): CertificateOptions {
  const log: Log = {
    debug: () => {},
    info: (what) => said.push(what),
    warn: (what) => said.push(what),
    error: (what) => said.push(what),
  }
  const base = { mode: 'self-signed', hostname: 'mail.example.com', hosts: [], cert: '', key: '' } as const
  return { ...base, dataDir: folder, clock, log, ...over }
}

async function open(over: Partial<CertificateOptions> = {}): Promise<Certificates> {
  const certificates = await openCertificates(options(over))
  if (!certificates.ok) throw new Error(certificates.error)
  opened.push(certificates.value)
  return certificates.value
}

async function refusal(over: Partial<CertificateOptions>): Promise<string> {
  const certificates = await openCertificates(options(over))
  return certificates.ok ? 'opened' : certificates.error
}

function spoil(file: string, text: string): Partial<CertificateOptions> {
  writeFileSync(join(folder, 'tls', file), text)
  return {}
}

function write(pair: Certificate, name = 'a'): { cert: string; key: string } {
  const files = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) }
  writeFileSync(files.cert, pair.cert)
  writeFileSync(files.key, pair.key)
  return files
}

const fresh = (name = 'files.example', now = clock.now()): Certificate => selfSigned({ names: [name], now })

describe('self-signed', () => {
  test('names, life, and a key that nobody else can read', async () => {
    const { cert, key } = (await open({ hosts: ['smtp.example.com', '192.0.2.7'] })).current()
    const x509 = new X509Certificate(cert)
    expect(x509.subjectAltName).toBe(
      'DNS:mail.example.com, DNS:smtp.example.com, IP Address:192.0.2.7, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    )
    expect(x509.validToDate.getTime() - clock.now()).toBeGreaterThan(364 * DAY)
    expect(statSync(join(folder, 'tls/self-signed.key')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder, 'tls/self-signed.key'), 'utf8')).toBe(key)
  })

  test('a start later uses the same one', async () => {
    const first = (await open()).current()
    expect((await open()).current()).toEqual(first)
  })

  test.each<[string, (first: Certificate) => Partial<CertificateOptions>]>([
    ['other names', () => ({ hosts: ['api.example.com'] })],
    ['fewer than 30 days left', () => ({ clock: handClock(clock.now() + 336 * DAY) })],
    ['a key of another', () => spoil('self-signed.key', fresh().key)],
    ['noise instead of a certificate', () => spoil('self-signed.crt', 'noise')],
  ])('a new one for %s', async (_why, change) => {
    const first = (await open()).current()
    expect((await open(change(first))).current().cert).not.toBe(first.cert)
  })

  test('it is renewed while it is in use, and listeners are told', async () => {
    const certificates = await open()
    const first = certificates.current()
    const told: Certificate[] = []
    certificates.onChange((certificate) => told.push(certificate))
    clock.advance(336 * DAY)
    await until('a new certificate is there', () => told.length === 1)
    expect(told[0]).toBe(certificates.current())
    expect(told[0]?.cert).not.toBe(first.cert)
  })

  test('a folder that cannot be written to is named', async () => {
    writeFileSync(join(folder, 'tls'), 'a file in the way')
    expect(await refusal({})).toContain(join(folder, 'tls'))
  })

  test('clients nobody here wrote accept it as its own trust anchor', async () => {
    const certificate = (await open()).current()
    const server = createServer({ ...listenerTlsOptions(certificate) })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    for (const servername of ['mail.example.com', 'localhost']) {
      expect(await handshake(port, servername, certificate.cert)).toBe('authorized')
    }
    expect(await handshake(port, 'other.example.com', certificate.cert)).not.toBe('authorized')
    expect(await handshake(port, 'localhost', certificate.cert, 'TLSv1.1')).not.toBe('authorized')
    server.close()
  })
})

describe('files', () => {
  test('what is in them', async () => {
    const pair = fresh()
    expect((await open({ mode: 'files', ...write(pair) })).current()).toEqual(pair)
  })

  test('a new pair is in use a minute later; half of one is not', async () => {
    const old = fresh()
    const next = fresh()
    const certificates = await open({ mode: 'files', ...write(old) })
    writeFileSync(join(folder, 'a.crt'), next.cert)
    clock.advance(60_000)
    await until('the half is refused', () => said.includes('certificate not renewed') && clock.waits === 1)
    expect(certificates.current()).toEqual(old)
    writeFileSync(join(folder, 'a.key'), next.key)
    clock.advance(60_000)
    await until('the whole is taken', () => certificates.current().key === next.key)
    expect(said).toContain('certificate changed')
  })

  test('reload looks at once and says what came of it', async () => {
    const certificates = await open({ mode: 'files', ...write(fresh()) })
    const told: Certificate[] = []
    const end = certificates.onChange((certificate) => told.push(certificate))
    expect(await certificates.reload()).toEqual({ ok: true, value: 'same' })
    write(fresh())
    expect(await certificates.reload()).toEqual({ ok: true, value: 'changed' })
    end()
    write(fresh())
    await certificates.reload()
    expect(told.length).toBe(1)
  })

  test('an old certificate serves, with a warning a day', async () => {
    const certificates = await open({
      mode: 'files',
      ...write(fresh('old.example', clock.now() - 400 * DAY)),
    })
    expect(said).toEqual(['certificate has expired'])
    expect(certificates.current().cert).toContain('CERTIFICATE')
  })

  test.each<[string, (files: { cert: string; key: string }) => Partial<CertificateOptions>, string]>([
    ['no paths', () => ({ cert: '', key: '' }), 'tls.cert or tls.key is empty'],
    [
      'a missing file',
      (files) => ({ ...files, key: '/nowhere/a.key' }),
      'tls.key is "/nowhere/a.key", which cannot be read: ENOENT',
    ],
    ['no certificate', (files) => ({ ...files, cert: files.key }), 'which holds no certificate'],
    ['no key', (files) => ({ ...files, key: files.cert }), 'which holds no private key'],
    ['strangers', (files) => ({ ...files, cert: write(fresh(), 'b').cert }), 'is not the key of tls.cert'],
  ])('refused at the start: %s', async (_what, change, want) => {
    const files = write(fresh())
    chmodSync(files.key, 0o600)
    expect(await refusal({ mode: 'files', ...change(files) })).toContain(want)
  })
})

describe('acme', () => {
  test('stands with one of our own until there are others, and each host gets its own', async () => {
    const certificates = await open({ mode: 'acme' })
    expect(new X509Certificate(certificates.current().cert).subject).toContain('mail.example.com')
    const heard: Certificate[] = []
    certificates.onChange((certificate) => heard.push(certificate))
    const [ours, theirs] = [fresh('mail.example.com'), fresh('track.example.net')]
    certificates.serve(
      new Map([
        ['mail.example.com', ours],
        ['track.example.net', theirs],
      ]),
    )
    const want = { ...ours, named: [{ host: 'track.example.net', ...theirs }] }
    expect([heard, certificates.current()]).toEqual([[want], want])
    certificates.serve(new Map([['track.example.net', theirs]]))
    expect(certificates.current().cert).not.toBe(ours.cert)
  })
})

test('nothing waits after a stop', async () => {
  const certificates = await open()
  expect(clock.waits).toBe(1)
  certificates.stop()
  expect(clock.waits).toBe(0)
})

function handshake(port: number, servername: string, ca: string, maxVersion?: 'TLSv1.1'): Promise<string> {
  return new Promise((done) => {
    const version = maxVersion === undefined ? {} : { maxVersion, minVersion: 'TLSv1' as const }
    const socket = connect({ port, host: '127.0.0.1', servername, ca, ...version }, () => {
      done(socket.authorized ? 'authorized' : 'not authorized')
      socket.destroy()
    })
    socket.on('error', (error) => done(error.message))
  })
}
