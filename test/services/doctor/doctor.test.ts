import { expect, test } from 'bun:test'
import type { Diagnosis } from '../../../src/core/diagnosis.ts'
import { MINUTE } from '../../../src/core/time.ts'
import { Doctor, type Look } from '../../../src/services/doctor/doctor.ts'
import { fail, fine, unknown, warn } from '../../../src/services/doctor/say.ts'
import { handClock } from '../../support/clock.ts'
import { until } from '../../support/until.ts'

const trouble = { subject: 'disk', why: 'It is so.', fix: ['df'] }

function doctorOf(...looks: readonly Look[]) {
  const clock = handClock(0)
  const lines: string[] = []
  const line = (level: string) => (what: string, fields?: object) =>
    void lines.push(`${level} ${what} ${JSON.stringify(fields ?? {})}`)
  const log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
  const meter = { count: () => undefined, observe: () => undefined, gauge: () => undefined }
  return { clock, lines, doctor: new Doctor({ looks, clock, log, meter }) }
}

const look = (check: Look['check'], quick: boolean, run: Look['run']): Look => ({ check, quick, run })

test('a check that hangs or throws hides nothing of the others, which come in their order, the worst first', async () => {
  const { clock, doctor } = doctorOf(
    look('queue', true, async () => [fine('queue', 'queue', 'Fine.')]),
    look('clock', true, () => new Promise(() => undefined)),
    look('relay', true, () => Promise.reject(new Error('a bug'))),
    look('disk', true, async () => [warn('disk_low', trouble), fail('disk_full', trouble)]),
  )
  const examined = doctor.examine('quick')
  await Promise.resolve()
  clock.advance(2 * MINUTE)
  expect((await examined).diagnoses.map(({ check, state }) => `${check} ${state}`)).toEqual([
    'disk fail',
    'disk warn',
    'clock unknown',
    'relay unknown',
    'queue ok',
  ])
})

test('a quick look leaves out what asks others, and does not replace a full one', async () => {
  const { doctor } = doctorOf(
    look('disk', true, async () => [fine('disk', 'disk', 'Fine.')]),
    look('egress', false, async () => [fine('egress', 'port 25', 'Fine.')]),
  )
  expect((await doctor.examine('quick')).diagnoses).toHaveLength(1)
  expect(doctor.last?.depth).toBe('quick')
  await doctor.examine('full')
  await doctor.examine('quick')
  expect([doctor.last?.depth, doctor.last?.diagnoses.length]).toEqual(['full', 2])
})

test('who asks hears how it is after they asked; all who come while one is under way share the next', async () => {
  let state = 'before'
  const seen: string[] = []
  const begun: (() => void)[] = []
  const { doctor } = doctorOf(
    look('queue', true, async () => {
      seen.push(state)
      await new Promise<void>((end) => void begun.push(end))
      return []
    }),
  )
  const first = doctor.examine('full')
  await Promise.resolve()
  state = 'after'
  const others = [doctor.examine('full'), doctor.examine('full'), doctor.examine('quick')]
  await Promise.resolve()
  // What is quick does not wait for what is slow.
  expect(seen).toEqual(['before', 'after'])
  begun.shift()?.()
  begun.shift()?.()
  await first
  await until('the next one has begun', async () => begun.length === 1)
  begun.shift()?.()
  const checkups = await Promise.all(others)
  expect([checkups[0] === checkups[1], checkups[0] === (await first)]).toEqual([true, false])
  expect(seen).toEqual(['before', 'after', 'after'])
  expect(doctor.examine('full')).not.toBe(others[0])
  begun.shift()?.()
})

test('a trouble is told once, again when it grows, and once more when it has passed', () => {
  const { doctor, lines } = doctorOf()
  const told = (...diagnoses: readonly Diagnosis[]): readonly string[] => {
    lines.length = 0
    doctor.tell({ diagnoses })
    return lines.map((line) => line.split(' {')[0] ?? '')
  }
  expect(told(warn('disk_low', trouble))).toEqual(['warn the doctor found: WARN'])
  expect(told(warn('disk_low', trouble))).toEqual([])
  expect(told(fail('disk_low', trouble))).toEqual(['error the doctor found: FAIL'])
  // Nobody could tell: it has not passed.
  expect(told(unknown('disk_low', trouble))).toEqual([])
  expect(told()).toEqual([])
  expect(told(fine('disk', 'disk', 'Fine.'))).toEqual(['info what the doctor found has passed'])
  expect(told(fine('disk', 'disk', 'Fine.'))).toEqual([])
})
