//
// Owns: a set-up in which the doctor finds nothing wrong: fake name server, receivers that greet, a time server, a
// certificate of an authority that is believed, a domain with all its records, a store and its secret. A test breaks one
// thing of it.

import { createSocket } from 'node:dgram'
import { chmodSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../src/config/schema.ts'
import { parseDomain } from '../../src/core/address.ts'
import type { Checkup } from '../../src/core/diagnosis.ts'
import { examineAlone } from '../../src/doctor-path.ts'
import { machineWorld, openFoundation } from '../../src/foundation.ts'
import { type Authority, authority } from './authority.ts'
import { type FakeDns, startDns } from './dns.ts'
import { type Published, publish } from './domains.ts'
import { freshFolder, LAB_DOMAIN, readConfig, type Settings } from './lab-folder.ts'
import { type Mx, startMx } from './mx.ts'

export const HOSTNAME = 'mail.lab.test'
export const RECEIVERS = ['one.test', 'two.test', 'three.test']

export interface DoctorHouse extends AsyncDisposable {
  readonly folder: string
  readonly dns: FakeDns
  readonly mx: Mx
  readonly root: Authority
  readonly time: FakeTime
  /** What the domain has to publish, and has published. */
  readonly records: readonly Published[]
  /** Changed by whoever breaks something. */
  readonly settings: Record<string, string>
  toml: string
  config(): Config
  certificate(pem: { readonly cert: string; readonly key: string }): void
  path(name: string): string
  examine(): Promise<Checkup>
  /** Called at the end. */
  later(work: () => Promise<void> | void): void
}

export interface FakeTime {
  readonly port: number
  /** How far it is ahead of this machine, in milliseconds; null: it is silent. */
  ahead: number | null
  close(): void
}

export async function doctorHouse(): Promise<DoctorHouse> {
  const folder = await freshFolder()
  const [dns, mx, time] = await Promise.all([startDns(), startMx(), fakeTime()])
  const house = new House({ folder, dns, mx, time })
  await house.begin()
  return house
}

class House implements DoctorHouse {
  readonly folder: string
  readonly dns: FakeDns
  readonly mx: Mx
  readonly root = authority('Lab Root')
  readonly time: FakeTime
  records: readonly Published[] = []
  readonly settings: Record<string, string>
  toml = ''
  readonly #endings: (() => Promise<void> | void)[] = []

  constructor({ folder, dns, mx, time }: Pick<DoctorHouse, 'folder' | 'dns' | 'mx' | 'time'>) {
    this.folder = folder
    this.dns = dns
    this.mx = mx
    this.time = time
    this.settings = {
      'dns.servers': dns.address,
      'dns.timeout': '300ms',
      'delivery.mx_port': String(mx.port),
      'delivery.tls_ca_file': join(folder, 'root.pem'),
      'delivery.timeouts.connect': '1s',
      'doctor.receivers': RECEIVERS.join(','),
      'doctor.time_servers': `127.0.0.1:${time.port}`,
      'tls.mode': 'files',
      'tls.cert': join(folder, 'cert.pem'),
      'tls.key': join(folder, 'key.pem'),
      'inbound.listen': '127.0.0.1:0',
    }
  }

  async begin(): Promise<void> {
    writeFileSync(this.path('root.pem'), this.root.cert)
    this.certificate(this.root.issue({ names: [HOSTNAME] }))
    chmodSync(this.path('data'), 0o750)
    this.dns.authentic = true
    this.dns.set(HOSTNAME, { A: ['127.0.0.1'] })
    for (const domain of RECEIVERS) {
      this.dns.set(domain, { MX: [[10, `mx.${domain}`]] })
      this.dns.set(`mx.${domain}`, { A: ['127.0.0.1'] })
    }
    const foundation = await openFoundation(this.config(), machineWorld())
    const name = parseDomain(LAB_DOMAIN)
    const known = name.ok ? await foundation.domains.find(name.value, null) : null
    await foundation.close()
    this.records = known?.records ?? []
    publish(this.dns, this.records)
  }

  config(): Config {
    return readConfig(this.folder, this.settings as Settings, this.toml)
  }

  certificate({ cert, key }: { readonly cert: string; readonly key: string }): void {
    writeFileSync(this.path('cert.pem'), cert)
    writeFileSync(this.path('key.pem'), key, { mode: 0o600 })
    chmodSync(this.path('key.pem'), 0o600)
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  examine(): Promise<Checkup> {
    return examineAlone(this.config(), { configFile: null, depth: 'full', becomeOwner: () => undefined })
  }

  later(work: () => Promise<void> | void): void {
    this.#endings.push(work)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#endings.reverse()) await end()
    this.time.close()
    await Promise.all([this.dns.close(), this.mx.close()])
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function fakeTime(): Promise<FakeTime> {
  const socket = createSocket('udp4')
  await new Promise<void>((ready) => socket.bind(0, '127.0.0.1', ready))
  const time = { port: socket.address().port, ahead: 0 as number | null, close: () => void socket.close() }
  socket.on('message', (question, from) => {
    if (time.ahead === null) return
    const answer = Buffer.alloc(48)
    answer[0] = 0x24
    answer[1] = 2
    question.copy(answer, 24, 40, 48)
    const now = Date.now() + time.ahead
    answer.writeUInt32BE(Math.floor(now / 1000) + 2_208_988_800, 40)
    answer.writeUInt32BE(Math.floor(((now % 1000) / 1000) * 2 ** 32), 44)
    socket.send(answer, from.port, from.address)
  })
  return time
}

export const aged = (path: string, days: number): void => {
  const at = Date.now() / 1000 - days * 86_400
  utimesSync(path, at, at)
}

/** One octet of it becomes another. */
export function damage(path: string, at: number): void {
  const octets = readFileSync(path)
  octets.fill(0x5a, at, at + 2000)
  writeFileSync(path, octets)
}

export const folderIn = (house: DoctorHouse, name: string): string => {
  mkdirSync(house.path(name), { recursive: true })
  return house.path(name)
}
