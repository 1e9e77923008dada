//
// Owns: which findings of the doctor are worth waking the operator, and in which words. Pure.

import type { Ailment } from '../../core/diagnosis.ts'

export type AlertKind =
  | 'disk'
  | 'store'
  | 'queue'
  | 'certificate'
  | 'egress'
  | 'blocklist'
  | 'backup'
  | 'provider'

export interface AlertRule {
  readonly kind: AlertKind
  /** Of this machine, or of what all nodes share. */
  readonly of: 'node' | 'all'
  /** In a subject line. */
  readonly title: string
}

const rule = (kind: AlertKind, title: string, of: AlertRule['of'] = 'node'): AlertRule => ({
  kind,
  of,
  title,
})

/** What is not here is in the log, in `mailwok doctor` and in figures. */
export const ALERTS: Readonly<Partial<Record<Ailment, AlertRule>>> = {
  disk_full: rule('disk', 'the disk is full'),
  disk_low: rule('disk', 'the disk runs low'),
  disk_read_only: rule('disk', 'the disk cannot be written to'),
  store_damaged: rule('store', 'the store is damaged'),
  queue_stopped: rule('queue', 'sending stands still'),
  queue_old: rule('queue', 'mail is overdue', 'all'),
  certificate_expired: rule('certificate', 'a certificate has ended'),
  certificate_expires: rule('certificate', 'a certificate ends soon'),
  provider_blocked: rule('provider', 'a provider refuses our mail'),
  port_25_blocked: rule('egress', 'port 25 is closed'),
  port_25_partly: rule('egress', 'some providers cannot be reached on port 25'),
  dnsbl_listed: rule('blocklist', 'an address is on a blocklist'),
  backup_failed: rule('backup', 'a backup failed'),
  backup_old: rule('backup', 'the backup is overdue'),
}

export const ruleOf = (ailment: string): AlertRule | null => ALERTS[ailment as Ailment] ?? null
