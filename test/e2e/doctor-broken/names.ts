//
// Owns: set-ups whose DNS is broken.

import { HOSTNAME } from '../../support/doctor-house.ts'
import { type Broken, literal, recordOf } from './scenario.ts'

const BOUNCE = 'bounce.example.com'
const PUBLIC = '8.8.4.4'
const REVERSE = '4.4.8.8.in-addr.arpa'

const mx = [[10, HOSTNAME]] as const
const spf = [`v=spf1 a:${HOSTNAME} -all`]

export const brokenNames: readonly Broken[] = [
  {
    name: 'a source without PTR',
    ailment: 'ptr_missing',
    state: 'fail',
    subject: () => PUBLIC,
    why: /has no PTR record/,
    fix: /Set the PTR record .* of 8\.8\.4\.4 to mail\.lab\.test/,
    besides: ['source_absent'],
    breaks: ({ settings }) => {
      settings['delivery.source_ips'] = PUBLIC
    },
  },
  {
    name: 'a PTR that leads elsewhere',
    ailment: 'ptr_mismatch',
    state: 'fail',
    subject: () => PUBLIC,
    why: /dns\.google\.test.*does not lead back/,
    fix: /publish: mail\.lab\.test\. 3600 IN A 8\.8\.4\.4/,
    besides: ['source_absent'],
    breaks: ({ dns, settings }) => {
      settings['delivery.source_ips'] = PUBLIC
      dns.set(REVERSE, { PTR: ['dns.google.test'] })
      dns.set('dns.google.test', { A: ['8.8.8.8'] })
    },
  },
  {
    name: 'a PTR with the hoster’s own name',
    ailment: 'ptr_generic',
    state: 'warn',
    subject: () => PUBLIC,
    why: /names? that hosters give/,
    fix: /reverse DNS/,
    besides: ['source_absent'],
    breaks: ({ dns, settings }) => {
      settings['delivery.source_ips'] = PUBLIC
      dns.set(REVERSE, { PTR: ['static.4-4.8.8.clients.hoster.test'] })
      dns.set('static.4-4.8.8.clients.hoster.test', { A: [PUBLIC] })
    },
  },
  {
    name: 'a HELO that is not the PTR',
    ailment: 'helo_mismatch',
    state: 'warn',
    subject: () => PUBLIC,
    why: /HELO says mail\.lab\.test, which does not lead to 8\.8\.4\.4/,
    fix: /mail\.lab\.test\. 3600 IN A 8\.8\.4\.4/,
    besides: ['source_absent'],
    breaks: (house) => {
      house.toml = `[[source]]\naddress = "${PUBLIC}"\nhostname = "${HOSTNAME}"\n`
      house.dns.set(REVERSE, { PTR: ['out.lab.test'] })
      house.dns.set('out.lab.test', { A: [PUBLIC] })
    },
  },
  {
    name: 'an outgoing address that the machine does not have',
    ailment: 'source_absent',
    state: 'fail',
    subject: () => PUBLIC,
    why: /this machine does not have it/,
    fix: /ip address add 8\.8\.4\.4/,
    breaks: ({ dns, settings }) => {
      settings['delivery.source_ips'] = PUBLIC
      dns.set(REVERSE, { PTR: ['out.lab.test'] })
      dns.set('out.lab.test', { A: [PUBLIC] })
    },
  },
  {
    name: 'an address on a block list',
    ailment: 'dnsbl_listed',
    state: 'fail',
    subject: () => `${PUBLIC} at list.test`,
    why: /listed at list\.test \(127\.0\.0\.2\): see https:\/\/list\.test\/why/,
    fix: /https:\/\/list\.test\/why/,
    besides: ['source_absent'],
    breaks: ({ dns, settings }) => {
      settings['delivery.source_ips'] = PUBLIC
      settings['doctor.blocklists'] = 'list.test'
      dns.set(REVERSE, { PTR: ['out.lab.test'] })
      dns.set('out.lab.test', { A: [PUBLIC] })
      dns.set('4.4.8.8.list.test', { A: ['127.0.0.2'], TXT: ['see https://list.test/why'] })
    },
  },
  {
    name: 'a hostname without an address',
    ailment: 'hostname_no_address',
    state: 'fail',
    subject: () => HOSTNAME,
    why: /has no address in the DNS/,
    fix: /mail\.lab\.test\. 3600 IN A /,
    besides: ['return_path_elsewhere', 'record_wrong', 'record_doubtful'],
    breaks: ({ dns }) => dns.set(HOSTNAME, null),
  },
  {
    name: 'two SPF records of the domain',
    ailment: 'spf_several',
    state: 'warn',
    subject: () => 'example.com',
    why: /2 SPF records stand at example\.com/,
    fix: /Leave one of them[\s\S]*include:_spf\.a\.test/,
    breaks: ({ dns }) => {
      dns.set('example.com', { TXT: ['v=spf1 include:_spf.a.test ~all', 'v=spf1 mx -all'] })
    },
  },
  {
    name: 'two SPF records of the return path',
    ailment: 'spf_several',
    state: 'fail',
    subject: () => BOUNCE,
    why: /2 SPF records stand at bounce\.example\.com/,
    fix: /Leave one of them: v=spf1 a:mail\.lab\.test -all/,
    breaks: ({ dns }) => dns.set(BOUNCE, { MX: mx, TXT: [...spf, 'v=spf1 mx ~all'] }),
  },
  {
    name: 'a name with the zone twice',
    ailment: 'record_doubled_name',
    state: 'fail',
    subject: (house) => recordOf(house, 'dkim').name,
    why: /adds the name of the zone by itself/,
    fix: (house) =>
      literal(
        `Enter the name as ${recordOf(house, 'dkim').name.replace('.example.com', '')}, without the zone`,
      ),
    breaks: (house) => {
      const { name, strings } = recordOf(house, 'dkim')
      house.dns.set(name, null)
      house.dns.set(`${name}.example.com`, { TXT: [[...strings]] })
    },
  },
  {
    name: 'a missing DKIM record',
    ailment: 'record_missing',
    state: 'fail',
    subject: (house) => recordOf(house, 'dkim').name,
    why: /cannot check our signatures/,
    fix: (house) => literal(`${recordOf(house, 'dkim').name}. 3600 IN TXT "v=DKIM1; k=`),
    breaks: (house) => house.dns.set(recordOf(house, 'dkim').name, null),
  },
  {
    name: 'a DKIM key that the panel cut off',
    ailment: 'record_wrong',
    state: 'fail',
    subject: (house) => recordOf(house, 'dkim').name,
    why: /cut off after/,
    fix: /3600 IN TXT "v=DKIM1/,
    breaks: (house) => {
      const { name, strings } = recordOf(house, 'dkim')
      house.dns.set(name, { TXT: [strings.slice(0, 1)] })
    },
  },
  {
    name: 'a missing return path',
    ailment: 'return_path_missing',
    state: 'fail',
    subject: () => BOUNCE,
    why: /find no way back/,
    fix: /bounce\.example\.com\. 3600 IN MX 10 mail\.lab\.test\./,
    breaks: ({ dns }) => dns.set(BOUNCE, { TXT: spf }),
  },
  {
    name: 'a return path that leads to another host',
    ailment: 'return_path_elsewhere',
    state: 'fail',
    subject: () => BOUNCE,
    why: /go to another host than mail\.lab\.test/,
    fix: /bounce\.example\.com\. 3600 IN MX 10 mail\.lab\.test\./,
    breaks: ({ dns }) => {
      dns.set(BOUNCE, { MX: [[10, 'mx.other.test']], TXT: spf })
      dns.set('mx.other.test', { A: ['127.0.0.1'] })
    },
  },
  {
    name: 'bounces that nobody takes in',
    ailment: 'return_path_closed',
    state: 'fail',
    subject: () => 'example.com',
    why: /nobody listens on port 25/,
    fix: /listen = "\[::\]:25"/,
    breaks: ({ settings }) => {
      settings['inbound.listen'] = ''
    },
  },
  {
    name: 'no DMARC record',
    ailment: 'record_missing',
    state: 'warn',
    subject: () => '_dmarc.example.com',
    why: /no DMARC record/,
    fix: /_dmarc\.example\.com\. 3600 IN TXT "v=DMARC1; p=none/,
    breaks: ({ dns }) => dns.set('_dmarc.example.com', null),
  },
  {
    name: 'a tracking host that leads elsewhere',
    ailment: 'tracking_elsewhere',
    state: 'warn',
    subject: () => 'track.example.com',
    why: /leads elsewhere than to mail\.lab\.test/,
    fix: /track\.example\.com\. 3600 IN CNAME mail\.lab\.test\./,
    breaks: ({ dns }) => dns.set('track.example.com', { CNAME: 'links.vendor.test' }),
  },
  {
    name: 'a domain whose name servers are lame',
    ailment: 'domain_unchecked',
    state: 'unknown',
    subject: (house) => recordOf(house, 'dkim').name,
    why: /are lame, or its DNSSEC is broken/,
    fix: /dig \+trace/,
    breaks: (house) => house.dns.set(recordOf(house, 'dkim').name, { fault: 'servfail' }),
  },
]
