//
// Owns: a lab whose recipient domain can publish what it wants of encryption: an MX with a certificate of an authority
// that the node believes, a web server for its MTA-STS policy, TLSA records in a zone that is signed.

import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Lab, startLab } from './appliance.ts'
import { type Authority, authority } from './authority.ts'
import type { TestCertificate } from './certificate.ts'
import type { HandClock } from './clock.ts'
import { startWeb, text, type WebServer } from './https.ts'
import type { Settings } from './lab-folder.ts'
import type { MxScript } from './mx.ts'

export interface TlsLab extends AsyncDisposable {
  readonly lab: Lab
  readonly web: WebServer
  readonly root: Authority
  /** What the MX shows. */
  readonly shown: TestCertificate & { readonly publicKey: Buffer }
  /** Announces a policy of example.net and serves it. */
  announce(policy: string, id?: string): void
  /** TLSA records of its MX. */
  tlsa(...records: readonly (readonly [number, number, number, string])[]): void
}

export interface TlsLabOptions {
  readonly mx?: MxScript
  /** For whom the MX has a certificate; null: one that nobody signed. */
  readonly certified?: string | null
  readonly expired?: boolean
  readonly config?: Settings
  readonly toml?: string
  readonly clock?: HandClock
}

export const policyText = (mode: string, mx = 'mx.example.net', maxAge = 86_400): string =>
  `version: STSv1\r\nmode: ${mode}\r\nmx: ${mx}\r\nmax_age: ${maxAge}\r\n`

const stranger = authority('Stranger')

export async function startTlsLab({
  mx = {},
  certified = 'mx.example.net',
  expired = false,
  config,
  ...options
}: TlsLabOptions = {}): Promise<TlsLab> {
  const root = authority('Lab Root')
  const file = join(tmpdir(), `mailwok-root-${process.pid}.pem`)
  writeFileSync(file, root.cert)
  const shown =
    certified === null
      ? stranger.issue({ names: ['mx.example.net'] })
      : root.issue({ names: [certified], expired })
  const web = await startWeb(root.issue({ names: ['mta-sts.example.net'] }), text('', 'text/plain', 404))
  const lab = await startLab({
    mx: { starttls: true, certificate: shown, ...mx },
    dns: { 'mta-sts.example.net': { A: ['127.0.0.1'] } },
    config: { 'delivery.sts_port': String(web.port), 'delivery.tls_ca_file': file, ...config },
    ...options,
  })
  return {
    lab,
    web,
    root,
    shown,
    announce: (policy, id = '1') => {
      web.script = text(policy)
      lab.dns.set('_mta-sts.example.net', { TXT: [`v=STSv1; id=${id};`], ttl: 60 })
    },
    tlsa: (...records) => {
      lab.dns.authentic = true
      lab.dns.set(`_${lab.mx.port}._tcp.mx.example.net`, { TLSA: records })
    },
    [Symbol.asyncDispose]: async () => {
      await lab[Symbol.asyncDispose]()
      await web.close()
    },
  }
}
