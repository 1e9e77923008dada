//
// Owns: what becomes of reports of others: kept once, and a word in the log when mail from our own addresses failed.

import { parseDomain } from '../../core/address.ts'
import type { Ids } from '../../core/ids.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import type { DmarcReport, Report } from '../../mail/reports/report.ts'
import type { InboundStore, ReportId, StoredReport } from '../../store/inbound-store.ts'
import type { DirectoryStore } from '../../store/store.ts'
import { type Intake, type Letterbox, later, notStored, refused, taken } from './incoming.ts'
import type { LetterReader } from './reader.ts'

export interface ReportParts {
  readonly reader: LetterReader
  readonly store: Pick<InboundStore, 'addReport'>
  readonly directory: Pick<DirectoryStore, 'domain' | 'domains'>
  readonly hostname: string
  /** Addresses from which we send. */
  readonly isOurs: (address: string) => boolean
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

export class ReportDesk {
  readonly #parts: ReportParts

  constructor(parts: ReportParts) {
    this.#parts = parts
  }

  async take({ bytes }: Letterbox): Promise<Intake> {
    const read = await this.#parts.reader.reports(bytes)
    if (!read.ok && read.error === 'busy') return later('too much waits to be read')
    const reports = read.ok ? read.value : []
    if (reports.length === 0) return refused('5.6.0', 'No DMARC aggregate or TLS report was found in it')
    let end: Intake = taken('known')
    for (const report of reports) {
      const one = await this.#keep(report)
      if (one.kind === 'later') return one
      if (one.kind === 'refused' || one.as === 'report') end = one
    }
    return end
  }

  async #keep(report: Report): Promise<Intake> {
    if (!(await this.#isAboutUs(report.domain))) {
      return refused('5.7.1', 'The report is not about a domain that sends from here')
    }
    const { clock, ids, meter, store } = this.#parts
    const { kind, body, ...head } = report
    const { passed, failed } = kind === 'dmarc' ? dmarcFigures(report) : tlsFigures(report)
    const id = ids.report() as ReportId
    const row: StoredReport = { id, kind, ...head, receivedAt: clock.now(), passed, failed, body }
    const added = await store.addReport(row)
    if (!added.ok) return notStored(added.error)
    if (added.value === 'known') return taken('known')
    meter.count('reports_received_total', 1, { kind })
    if (kind === 'dmarc') this.#warn(report)
    return taken('report')
  }

  /** Ours, or a domain above ours: a policy may stand at the organizational domain (RFC 7489 §3.2). */
  async #isAboutUs(name: string): Promise<boolean> {
    const { directory, hostname } = this.#parts
    const domain = parseDomain(name)
    if (!domain.ok) return false
    if (domain.value === hostname || hostname.endsWith(`.${domain.value}`)) return true
    if (await directory.domain(domain.value)) return true
    const all = await directory.domains(null)
    return all.some((ours) => isBelow(ours.name, domain.value) || isBelow(domain.value, ours.name))
  }

  /** Mail that left here and failed both ways is lost or soon will be: somebody should look at once. */
  #warn({ organization, domain, body }: DmarcReport): void {
    const { isOurs, log, meter } = this.#parts
    for (const row of body.rows) {
      if (row.dkim === 'pass' || row.spf === 'pass' || !isOurs(row.source_ip)) continue
      meter.count('dmarc_own_failures_total', row.count)
      log.warn('mail from one of our addresses failed DMARC', {
        domain,
        header_from: row.header_from,
        source: row.source_ip,
        count: row.count,
        disposition: row.disposition,
        reporter: organization,
        dkim: row.dkim_results.join(', '),
        spf: row.spf_results.join(', '),
      })
    }
  }
}

const isBelow = (name: string, parent: string): boolean => name.endsWith(`.${parent}`)

interface Figures {
  readonly passed: number
  readonly failed: number
}

/** RFC 7489 §3.1.3: either way is enough. */
function dmarcFigures({ body }: DmarcReport): Figures {
  let passed = 0
  let failed = 0
  for (const row of body.rows) {
    if (row.dkim === 'pass' || row.spf === 'pass') passed += row.count
    else failed += row.count
  }
  return { passed, failed }
}

function tlsFigures({ body }: Extract<Report, { kind: 'tls' }>): Figures {
  const sum = (of: 'successful' | 'failed'): number =>
    body.policies.reduce((total, policy) => total + policy[of], 0)
  return { passed: sum('successful'), failed: sum('failed') }
}
