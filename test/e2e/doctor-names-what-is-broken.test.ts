// Thirty set-ups as they are met, each with one thing wrong, on real sockets, files and processes: the doctor names it and
// says how to mend it, and accuses nothing else.

import { describe, expect, test } from 'bun:test'
import type { Ailment, CheckState, Diagnosis } from '../../src/core/diagnosis.ts'
import { doctorHouse } from '../support/doctor-house.ts'
import { runs, testWith } from '../support/system-part.ts'
import { brokenFiles } from './doctor-broken/files.ts'
import { brokenNames } from './doctor-broken/names.ts'
import { brokenNetwork } from './doctor-broken/network.ts'
import type { Broken } from './doctor-broken/scenario.ts'

const LONG = 30_000
const MAY_MOUNT = process.getuid?.() === 0 && runs('unshare', '--mount', 'true')
const ALL: readonly Broken[] = [...brokenNames, ...brokenNetwork, ...brokenFiles]

test('there are thirty of them at least', () => {
  expect(ALL.length).toBeGreaterThanOrEqual(30)
})

test(
  'where all is well, nothing is found',
  async () => {
    await using house = await doctorHouse()
    expect(troubles((await house.examine()).diagnoses)).toEqual([])
  },
  LONG,
)

describe('each is named, with what mends it', () => {
  for (const broken of ALL) {
    const run = (): Promise<void> => isNamed(broken)
    if (broken.needs === 'mount') testWith('mount(2)', MAY_MOUNT, broken.name, run)
    else test(broken.name, run, LONG)
  }
})

async function isNamed(broken: Broken): Promise<void> {
  await using house = await doctorHouse()
  await broken.breaks(house)
  const { diagnoses } = await house.examine()
  const subject = broken.subject(house)
  const one = diagnoses.find((each) => each.ailment === broken.ailment && each.subject.includes(subject))
  expect([one?.state, troubles(diagnoses)]).toEqual([broken.state, troubles(diagnoses)])
  expect(one?.why).toMatch(broken.why)
  expect(one?.fix.join('\n')).toMatch(typeof broken.fix === 'function' ? broken.fix(house) : broken.fix)
  const others = troubles(diagnoses).map(([ailment]) => ailment)
  expect(others.filter((other) => other !== broken.ailment && !broken.besides?.includes(other))).toEqual([])
}

/** How quick this machine's disk is at the moment is no part of the set-up. */
const troubles = (all: readonly Diagnosis[]): readonly (readonly [Ailment, CheckState, string])[] =>
  all.flatMap(({ ailment, state, subject }) =>
    ailment === null || ailment === 'disk_slow' ? [] : [[ailment, state, subject] as const],
  )
