//
// Owns: what comes in by mail and stays, as services see it: reports of others, where mail for our addresses goes, and
// mail that waits for its webhook.
// Never: what any of it means.

import type { Brand } from '../core/brand.ts'
import type { AccountId } from '../core/ids.ts'
import type { Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { StoreFault } from './store-fault.ts'

export interface InboundStore {
  /** `known`: this organization's report of that id about that domain is there already; nothing was written. */
  addReport(report: NewReport): Promise<Result<'added' | 'known', StoreFault>>
  /** The last received first. */
  reports(ask: ReportAsk): Promise<readonly ReportRow[]>
  report(id: ReportId): Promise<StoredReport | null>

  addRoute(route: InboundRoute): Promise<Result<void, StoreFault | 'exists'>>
  /** By pattern; null: of all accounts. */
  routes(account: AccountId | null): Promise<readonly InboundRoute[]>
  /** Those with one of these patterns. */
  routesFor(patterns: readonly string[]): Promise<readonly InboundRoute[]>
  /** By its pattern. */
  removeRoute(pattern: string): Promise<Result<boolean, StoreFault>>
  /** Mail for it goes there from now on. False: there is no such route. */
  aimRoute(id: InboundRouteId, target: string): Promise<Result<boolean, StoreFault>>
  /** Its webhook is gone. False: it is no open webhook. */
  closeRoute(id: InboundRouteId): Promise<Result<boolean, StoreFault>>
  /** By its pattern; what waits for it is due now. False: it is not closed. */
  openRoute(pattern: string, now: Milliseconds): Promise<Result<boolean, StoreFault>>

  /** `known`: a post of that id was taken in before; nothing was written. */
  addPost(post: InboundPost): Promise<Result<'added' | 'known', StoreFault>>
  /**
   * Takes what is due, one post of a route at most, and moves its next turn to `until` in the same commit: who dies over
   * it leaves it to others.
   */
  takePosts(ask: PostAsk): Promise<readonly InboundPost[]>
  /** The webhook has it. */
  endPost(id: string): Promise<void>
  /** Null: never again, and the body goes. */
  deferPost(id: string, attempts: number, dueAt: Milliseconds | null, lastError: string): Promise<void>
  /** Of all routes but these. */
  nextPostDueAt(except: readonly InboundRouteId[]): Promise<Milliseconds | null>
  /** Waiting, and given up. */
  countPosts(): Promise<{ readonly waiting: number; readonly failed: number }>
  waitingPosts(): Promise<readonly WaitingPosts[]>

  /** Reports received, and posts given up that were taken in, before. */
  forget(reportsBefore: Milliseconds, postsBefore: Milliseconds): Promise<void>
}

export type ReportId = Brand<string, 'ReportId'>
export type InboundRouteId = Brand<string, 'InboundRouteId'>
export type ReportKind = 'dmarc' | 'tls'

export interface ReportRow {
  readonly id: ReportId
  readonly kind: ReportKind
  readonly domain: string
  readonly organization: string
  readonly reportId: string
  readonly beginAt: Milliseconds
  readonly endAt: Milliseconds
  readonly receivedAt: Milliseconds
  /** Messages or sessions. */
  readonly passed: number
  readonly failed: number
}

export interface StoredReport extends ReportRow {
  /** As mail/reports read it. */
  readonly body: unknown
}

export interface NewReport extends ReportRow {
  /** The body, JSON. */
  readonly json: string
}

export interface ReportAsk {
  readonly kind: ReportKind | null
  readonly domain: string | null
  readonly limit: number
}

export interface InboundRoute {
  readonly id: InboundRouteId
  readonly accountId: AccountId
  /** `local@domain` or `*@domain`, lower case. */
  readonly pattern: string
  readonly action: 'forward' | 'webhook'
  /** An address or a URL. */
  readonly target: string
  /** A webhook that said it is gone (410): it takes nothing more until somebody opens it. */
  readonly closed: boolean
  readonly createdAt: Milliseconds
}

export interface PostAsk {
  readonly now: Milliseconds
  readonly until: Milliseconds
  readonly limit: number
  /** Routes whose posts stay where they are. */
  readonly except: readonly InboundRouteId[]
}

/** What waits for one webhook. */
export interface WaitingPosts {
  readonly routeId: InboundRouteId
  readonly letters: number
  readonly octets: number
}

export interface InboundPost {
  /** Made of what was taken in: the same mail twice is one post. */
  readonly id: string
  readonly routeId: InboundRouteId
  readonly accountId: AccountId
  /** What is posted, JSON. */
  readonly body: string
  readonly attempts: number
  readonly dueAt: Milliseconds | null
  readonly createdAt: Milliseconds
  readonly lastError: string
}
