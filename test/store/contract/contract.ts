// Owns: the whole suite that every engine runs.

import { describe } from 'bun:test'
import { accountContract } from './accounts.ts'
import { alertContract } from './alerts.ts'
import { auditContract } from './audit.ts'
import { certificateContract } from './certificates.ts'
import { domainsContract } from './domains.ts'
import { engagementContract } from './engagement.ts'
import { eventContract } from './events.ts'
import { fateContract } from './fate.ts'
import { inboundContract } from './inbound.ts'
import { laneContract } from './lanes.ts'
import { lineContract } from './line.ts'
import { logContract } from './log.ts'
import { peopleContract } from './people.ts'
import { purgeContract } from './purge.ts'
import { queueContract } from './queue.ts'
import { recentContract } from './recent.ts'
import { type Damage, recordsContract } from './records.ts'
import type { Open } from './samples.ts'
import { scheduleContract } from './schedules.ts'
import { searchContract } from './search.ts'
import { sendingContract } from './sending.ts'
import { statsContract } from './stats.ts'
import { suppressionContract } from './suppressions.ts'
import { templateContract } from './templates.ts'
import { tlsContract } from './tls.ts'
import { togetherContract } from './together.ts'
import { turnsContract } from './turns.ts'
import { upkeepContract } from './upkeep.ts'
import { warmupContract } from './warmups.ts'
import { webhookContract } from './webhooks.ts'

/** `damage` works on the store that was opened last. */
export function storeContract(engine: string, open: Open, damage: Damage): void {
  describe(`${engine} store`, () => {
    // Each suite opens a store before each of its tests: apart, or every test would open four.
    describe('queue', () => queueContract(open))
    describe('fate', () => fateContract(open))
    describe('line', () => lineContract(open))
    describe('turns', () => turnsContract(open))
    describe('schedules', () => scheduleContract(open))
    describe('accounts', () => accountContract(open))
    describe('purging', () => purgeContract(open))
    describe('records', () => recordsContract(open, damage))
    describe('domains', () => domainsContract(open))
    describe('recent', () => recentContract(open))
    describe('log', () => logContract(open))
    describe('together', () => togetherContract(open))
    describe('tls', () => tlsContract(open))
    describe('alerts', () => alertContract(open))
    describe('certificates', () => certificateContract(open))
    describe('templates', () => templateContract(open))
    describe('suppressions', () => suppressionContract(open))
    describe('stats', () => statsContract(open))
    describe('search', () => searchContract(open))
    describe('sending', () => sendingContract(open))
    describe('inbound', () => inboundContract(open))
    describe('events', () => eventContract(open))
    describe('engagement', () => engagementContract(open))
    describe('webhooks', () => webhookContract(open))
    describe('people', () => peopleContract(open))
    describe('audit', () => auditContract(open))
    describe('upkeep', () => upkeepContract(open))
    describe('warm-up', () => warmupContract(open))
    describe('lanes', () => laneContract(open))
  })
}
