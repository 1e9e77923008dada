//
// Owns: set-ups whose network, certificate or clock is broken.

import { createServer } from 'node:net'
import { authority } from '../../support/authority.ts'
import { selfSigned } from '../../support/certificate.ts'
import { startDns } from '../../support/dns.ts'
import { type DoctorHouse, HOSTNAME, RECEIVERS } from '../../support/doctor-house.ts'
import type { Broken } from './scenario.ts'

/** A place at which somebody else listens: a process of its own, whose name is known. */
async function taken(house: DoctorHouse, name: 'nginx' | 'master' | 'something'): Promise<number> {
  const program = `${house.folder}/${name}`
  const script = `const s = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log(s.address().port)); setTimeout(() => {}, 60000)`
  await Bun.write(Bun.file(program), '')
  // The kernel knows a process by the first fifteen characters of its file's name.
  Bun.spawnSync(['ln', '-sf', process.execPath, program])
  const child = Bun.spawn([program, '-e', script], { stdout: 'pipe', stderr: 'ignore', env: {} })
  house.later(async () => {
    child.kill('SIGKILL')
    await child.exited
  })
  for await (const said of child.stdout) return Number(new TextDecoder().decode(said))
  throw new Error('it did not listen')
}

async function closedPort(): Promise<number> {
  const listener = createServer()
  await new Promise<void>((ready) => listener.listen(0, '127.0.0.1', () => ready()))
  const place = listener.address()
  await new Promise<void>((done) => listener.close(() => done()))
  return typeof place === 'object' && place !== null ? place.port : 0
}

const inDays = (days: number): string =>
  `${new Date(Date.now() + days * 86_400_000).toISOString().slice(2, 19).replace(/[-T:]/g, '')}Z`

export const brokenNetwork: readonly Broken[] = [
  {
    name: 'outgoing port 25 is blocked',
    ailment: 'port_25_blocked',
    state: 'fail',
    subject: () => 'port ',
    why: /None of 3 hosts of large receivers took a connection[\s\S]*Mail waits/,
    fix: /Please open outgoing port 25[\s\S]*mail\.lab\.test[\s\S]*\[\[relay\]\]/,
    breaks: async ({ settings }) => {
      settings['delivery.mx_port'] = String(await closedPort())
    },
  },
  {
    name: 'outgoing port 25 is blocked, and a relay takes the mail',
    ailment: 'port_25_blocked',
    state: 'warn',
    subject: () => 'port ',
    why: /Mail goes by relay meanwhile/,
    fix: /Please open outgoing port 25/,
    breaks: async (house) => {
      house.settings['delivery.mx_port'] = String(await closedPort())
      house.settings['delivery.mode'] = 'hybrid'
      house.toml = `[[relay]]\nhost = "127.0.0.1"\nport = ${house.mx.port}\ntls = "none"\n`
    },
  },
  {
    name: 'most receivers are filtered',
    ailment: 'port_25_partly',
    state: 'warn',
    subject: () => 'port ',
    why: /2 of 3 hosts took no connection/,
    fix: /ask the hoster whether it filters/,
    breaks: ({ dns }) => {
      for (const domain of RECEIVERS.slice(1)) dns.set(`mx.${domain}`, { A: ['127.0.0.77'] })
    },
  },
  {
    name: 'the relay is not there',
    ailment: 'relay_unreachable',
    state: 'fail',
    subject: () => '127.0.0.1:',
    why: /took no connection \(refused\)/,
    fix: /nc -v 127\.0\.0\.1/,
    breaks: async (house) => {
      house.settings['delivery.mode'] = 'relay'
      house.toml = `[[relay]]\nhost = "127.0.0.1"\nport = ${await closedPort()}\ntls = "none"\n`
    },
  },
  {
    name: 'the relay’s name does not exist',
    ailment: 'relay_name',
    state: 'fail',
    subject: () => 'smtp.relai.test:587',
    why: /has no address/,
    fix: /Mend host in this \[\[relay\]\]/,
    breaks: (house) => {
      house.settings['delivery.mode'] = 'relay'
      house.toml = '[[relay]]\nhost = "smtp.relai.test"\nport = 587\n'
    },
  },
  {
    name: 'a web server has the port of the API',
    ailment: 'port_taken',
    state: 'fail',
    subject: () => 'api.https 127.0.0.1:',
    why: /held by nginx \(process \d+\)/,
    fix: /https = ""[\s\S]*server_name mail\.lab\.test;[\s\S]*proxy_pass http:\/\//,
    breaks: async (house) => {
      house.settings['api.https'] = `127.0.0.1:${await taken(house, 'nginx')}`
    },
  },
  {
    name: 'Postfix has the port of bounces',
    ailment: 'port_taken',
    state: 'fail',
    subject: () => 'inbound.listen 127.0.0.1:',
    why: /held by master/,
    fix: /systemctl disable --now postfix/,
    breaks: async (house) => {
      house.settings['inbound.listen'] = `127.0.0.1:${await taken(house, 'master')}`
    },
  },
  {
    name: 'something has the port of submissions',
    ailment: 'port_taken',
    state: 'fail',
    subject: () => 'submission.starttls',
    why: /held by something/,
    fix: /\[submission\] starttls = ""/,
    breaks: async (house) => {
      house.settings['submission.starttls'] = `127.0.0.1:${await taken(house, 'something')}`
    },
  },
  {
    name: 'an expired certificate',
    ailment: 'certificate_expired',
    state: 'fail',
    subject: () => HOSTNAME,
    why: /has expired \d+ days ago/,
    fix: /certbot renew/,
    breaks: (house) => house.certificate(house.root.issue({ names: [HOSTNAME], expired: true })),
  },
  {
    name: 'a certificate that is not renewed',
    ailment: 'certificate_expires',
    state: 'warn',
    subject: () => HOSTNAME,
    why: /expires in [78] days/,
    fix: /certbot renew/,
    breaks: (house) => house.certificate(house.root.issue({ names: [HOSTNAME], until: inDays(8.5) })),
  },
  {
    name: 'a certificate for another name',
    ailment: 'certificate_name',
    state: 'fail',
    subject: () => HOSTNAME,
    why: /does not hold the name mail\.lab\.test/,
    fix: /--expand -d mail\.lab\.test/,
    breaks: (house) => house.certificate(house.root.issue({ names: ['www.lab.test'] })),
  },
  {
    name: 'a certificate without those in between',
    ailment: 'certificate_chain',
    state: 'fail',
    subject: () => HOSTNAME,
    why: /certificates in between are missing/,
    fix: /fullchain\.pem/,
    breaks: (house) => {
      const { cert, key } = house.root.below('Lab Issuing').issue({ names: [HOSTNAME] })
      const leaf = `${cert.split('-----END CERTIFICATE-----')[0]}-----END CERTIFICATE-----\n`
      house.certificate({ cert: leaf, key })
    },
  },
  {
    name: 'a certificate that signed itself',
    ailment: 'certificate_self_signed',
    state: 'warn',
    subject: () => HOSTNAME,
    why: /signed by this server itself/,
    fix: /mode = "acme"/,
    breaks: (house) => house.certificate(selfSigned(HOSTNAME)),
  },
  {
    name: 'a key of another certificate',
    ailment: 'certificate_key',
    state: 'fail',
    subject: () => HOSTNAME,
    why: /belongs to another one/,
    fix: /openssl pkey -in/,
    breaks: (house) => {
      const { cert } = house.root.issue({ names: [HOSTNAME] })
      house.certificate({ cert, key: authority('Other').issue({ names: [HOSTNAME] }).key })
    },
  },
  {
    name: 'a clock that is ahead',
    ailment: 'clock_wrong',
    state: 'fail',
    subject: () => 'clock',
    why: /The clock is 60 min ahead/,
    fix: /timedatectl set-ntp true/,
    breaks: ({ time }) => {
      time.ahead = -3_600_000
    },
  },
  {
    name: 'a clock that drifts',
    ailment: 'clock_wrong',
    state: 'warn',
    subject: () => 'clock',
    why: /20 s behind/,
    fix: /timedatectl/,
    breaks: ({ time }) => {
      time.ahead = 20_000
    },
  },
  {
    name: 'a name server that is silent, beside one that works',
    ailment: 'resolver_silent',
    state: 'warn',
    subject: () => '127.0.0.1:',
    why: /is silent. Questions lose time/,
    fix: /\[dns\] servers/,
    breaks: async (house) => {
      const other = await startDns({ '*.test': { fault: 'timeout' } })
      house.later(() => other.close())
      house.settings['dns.servers'] = `${house.dns.address},${other.address}`
    },
  },
  {
    name: 'a name server that refuses us',
    ailment: 'resolver_lame',
    state: 'warn',
    subject: () => '127.0.0.1:',
    why: /it is lame, refuses us, or does not recurse/,
    fix: /\[dns\] servers/,
    breaks: async (house) => {
      const other = await startDns({ '*.test': { fault: 'refuse' } })
      house.later(() => other.close())
      house.settings['dns.servers'] = `${house.dns.address},${other.address}`
    },
  },
  {
    name: 'name servers that check no signatures',
    ailment: 'dnssec_missing',
    state: 'warn',
    subject: () => 'DNSSEC',
    why: /DANE of receivers stays unused/,
    fix: /apt install unbound/,
    breaks: ({ dns }) => {
      dns.authentic = false
    },
  },
]
