//
// Owns: what `mailwok doctor` can look at, what it can find wrong, and the shape in which everybody who shows or tells of
// it gets it: the command, the API, alerts, setup and status.
// Never: looks at anything, or decides what is wrong (services/doctor).

import type { Milliseconds } from './time.ts'

/** Under which heading a check is shown. */
export type CheckGroup = 'machine' | 'network' | 'names' | 'domains' | 'mail'

/** All that is looked at, in the order in which it is shown. */
export const CHECKS = {
  configuration: 'machine',
  files: 'machine',
  disk: 'machine',
  clock: 'machine',
  store: 'machine',
  backup: 'machine',
  resolver: 'network',
  ports: 'network',
  egress: 'network',
  relay: 'network',
  hostname: 'names',
  source: 'names',
  blocklist: 'names',
  certificate: 'names',
  domain: 'domains',
  return_path: 'domains',
  tracking: 'domains',
  queue: 'mail',
  webhooks: 'mail',
} as const satisfies Readonly<Record<string, CheckGroup>>

export type Check = keyof typeof CHECKS

/** `unknown`: nobody could tell, as when a name server is silent. It is no fault of the set-up, and never exit 3. */
export type CheckState = 'ok' | 'warn' | 'fail' | 'unknown'

/** All that can be wrong, and by which check it is seen. Names are kept: scripts and alerts go by them. */
export const AILMENTS = {
  configuration_invalid: 'configuration',
  hostname_not_full: 'configuration',
  operator_missing: 'configuration',
  master_secret_lost: 'files',
  folder_missing: 'files',
  folder_not_writable: 'files',
  file_too_open: 'files',
  file_foreign: 'files',
  open_files_few: 'files',
  disk_full: 'disk',
  disk_low: 'disk',
  disk_read_only: 'disk',
  disk_slow: 'disk',
  disk_network: 'disk',
  clock_wrong: 'clock',
  clock_unchecked: 'clock',
  store_missing: 'store',
  store_unreachable: 'store',
  store_damaged: 'store',
  store_unchecked: 'store',
  store_schema: 'store',
  backup_missing: 'backup',
  backup_old: 'backup',
  backup_failed: 'backup',
  resolver_silent: 'resolver',
  resolver_lame: 'resolver',
  resolver_slow: 'resolver',
  dnssec_missing: 'resolver',
  port_taken: 'ports',
  port_silent: 'ports',
  port_25_blocked: 'egress',
  port_25_partly: 'egress',
  egress_unchecked: 'egress',
  ipv6_blocked: 'egress',
  relay_unreachable: 'relay',
  relay_name: 'relay',
  hostname_no_address: 'hostname',
  hostname_elsewhere: 'hostname',
  hostname_unchecked: 'hostname',
  ptr_missing: 'source',
  ptr_mismatch: 'source',
  ptr_generic: 'source',
  ptr_unchecked: 'source',
  helo_mismatch: 'source',
  source_absent: 'source',
  dnsbl_listed: 'blocklist',
  dnsbl_unchecked: 'blocklist',
  certificate_expired: 'certificate',
  certificate_expires: 'certificate',
  certificate_not_yet: 'certificate',
  certificate_name: 'certificate',
  certificate_self_signed: 'certificate',
  certificate_chain: 'certificate',
  certificate_missing: 'certificate',
  certificate_unreadable: 'certificate',
  certificate_key: 'certificate',
  domain_none: 'domain',
  domain_unverified: 'domain',
  domain_unchecked: 'domain',
  record_missing: 'domain',
  record_wrong: 'domain',
  record_doubtful: 'domain',
  record_doubled_name: 'domain',
  spf_several: 'domain',
  dmarc_unaligned: 'domain',
  return_path_missing: 'return_path',
  return_path_elsewhere: 'return_path',
  return_path_closed: 'return_path',
  return_path_unchecked: 'return_path',
  tracking_elsewhere: 'tracking',
  queue_old: 'queue',
  queue_held: 'queue',
  queue_stopped: 'queue',
  provider_blocked: 'queue',
  webhook_failing: 'webhooks',
  webhook_disabled: 'webhooks',
} as const satisfies Readonly<Record<string, Check>>

export type Ailment = keyof typeof AILMENTS

/** One thing that was looked at. */
export interface Diagnosis {
  readonly check: Check
  /** Null where nothing is wrong. */
  readonly ailment: Ailment | null
  readonly state: CheckState
  /** What it is of: an address, a name, a path, a port; together with the ailment it names a trouble over time. */
  readonly subject: string
  /** What is so and what follows, in a sentence or two. */
  readonly why: string
  /** What to do: exact lines, to be typed or pasted; empty where nothing is to be done. */
  readonly fix: readonly string[]
  /** `mailwok doctor --fix` can do it. */
  readonly mendable: boolean
}

/** All that was found in one go. */
export interface Checkup {
  readonly at: Milliseconds
  readonly took: Milliseconds
  /** `quick`: without asking anybody beyond the name servers; what every start does. */
  readonly depth: 'quick' | 'full'
  /** In the order of CHECKS, the worst of each first. */
  readonly diagnoses: readonly Diagnosis[]
}

/** By which a trouble is known again, at the next look and on other nodes. */
export const troubleOf = ({ ailment, check, subject }: Diagnosis): string =>
  `${check} ${ailment ?? 'ok'} ${subject}`

/** Where it is explained. */
export const docsOf = ({ check }: Pick<Diagnosis, 'check'>): string =>
  `docs/doctor.md#${check.replaceAll('_', '-')}`

export const hasFailed = ({ diagnoses }: Pick<Checkup, 'diagnoses'>): boolean =>
  diagnoses.some(({ state }) => state === 'fail')
