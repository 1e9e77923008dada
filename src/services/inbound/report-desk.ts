//
// Owns: what becomes of reports of others: kept once, and a word in the log when mail from our own addresses failed.

import { parseDomain } from '../../core/address.ts'
import type { Ids } from '../../core/ids.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { DAY } from '../../core/time.ts'
import type { InboundStore, NewReport, ReportId } from '../../store/inbound-store.ts'
import type { DirectoryStore } from '../../store/store.ts'
import { type Intake, type Letterbox, later, notStored, refused, taken } from './incoming.ts'
import type { LetterReader } from './reader.ts'
import type { ReportDigest } from './report-digest.ts'
import { Throttle } from './throttle.ts'

export interface ReportParts {
  readonly reader: Pick<LetterReader, 'reports'>
  readonly store: Pick<InboundStore, 'addReport'>
  readonly directory: Pick<DirectoryStore, 'domain' | 'domains'>
  readonly hostname: string
  /** Addresses from which we send. */
  readonly ownAddresses: ReadonlySet<string>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

/** Octets of reports that are kept. Anybody may send some: the largest receivers have 2 MB for a domain and day. */
const KEPT = { each: 200 * 1024 * 1024, all: 500 * 1024 * 1024, window: DAY }

export class ReportDesk {
  readonly #parts: ReportParts
  readonly #room = new Throttle(KEPT)

  constructor(parts: ReportParts) {
    this.#parts = parts
  }

  async take({ bytes, neighbourhood }: Letterbox): Promise<Intake> {
    const { ownAddresses, reader } = this.#parts
    const read = await reader.reports(bytes, ownAddresses)
    if (!read.ok && read.error === 'busy') return later('too much waits to be read')
    const reports = read.ok ? read.value : []
    if (reports.length === 0) return refused('5.6.0', 'No DMARC aggregate or TLS report was found in it')
    let end: Intake | null = null
    for (const report of reports) {
      const one = await this.#keep(report, neighbourhood)
      if (one.kind === 'later') return one
      // Refused is a letter of which nothing was taken; known is one of which nothing was new.
      if (end === null || end.kind === 'refused' || (one.kind === 'taken' && one.as === 'report')) end = one
    }
    return end ?? taken('known')
  }

  async #keep(report: ReportDigest, neighbourhood: string): Promise<Intake> {
    if (!(await this.#isAboutUs(report.domain))) {
      return refused('5.7.1', 'The report is not about a domain that sends from here')
    }
    const { clock, ids, meter, store } = this.#parts
    if (!this.#room.allows(neighbourhood, clock.monotonic(), report.json.length)) {
      return later('too much of reports was kept lately')
    }
    const { ourFailures: _, ...rest } = report
    const row: NewReport = { ...rest, id: ids.report() as ReportId, receivedAt: clock.now() }
    const added = await store.addReport(row)
    if (!added.ok) return notStored(added.error)
    if (added.value === 'known') return taken('known')
    meter.count('reports_received_total', 1, { kind: report.kind })
    this.#warn(report)
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
  #warn({ organization, domain, ourFailures }: ReportDigest): void {
    const { log, meter } = this.#parts
    for (const row of ourFailures) {
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
