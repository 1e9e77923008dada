//
// Owns: the shaping of one lane with a hand on its clock; every connection that is allowed is at work.

import { SECOND } from '../../src/core/time.ts'
import type { Pressure } from '../../src/mail/bounces/pressure.ts'
import { Shaping, type ShapingRules } from '../../src/services/queue/shaping.ts'

const RULES: ShapingRules = { start: 2, most: 20, rate: null }
export const SENDER = 'example.com'
export type Bad = Exclude<Pressure, 'none'>

export class ShapingBench {
  now = 1000
  readonly lane: Shaping
  constructor(rules: Partial<ShapingRules> = {}) {
    this.lane = new Shaping({ ...RULES, ...rules }, this.now)
  }
  get connections(): number {
    return this.lane.connections(this.now)
  }
  get rate(): number | null {
    return this.lane.rate(this.now)
  }
  get state(): string {
    return this.lane.state(this.now)
  }
  wait(by: number): this {
    this.now += by
    return this
  }
  delivered(times = 1, sender = SENDER): this {
    for (let i = 0; i < times; i++) this.lane.delivered(this.now, this.connections, sender)
    return this
  }
  /** So many a second for so long. */
  flow(perSecond: number, seconds: number): this {
    for (let i = 0; i < perSecond * seconds; i++) this.wait(SECOND / perSecond).delivered()
    return this
  }
  pressed(pressure: Bad, of: { early?: boolean; open?: number; sender?: string; dice?: number } = {}) {
    const { early = false, open = this.connections, sender = SENDER, dice = 0.5 } = of
    return this.lane.pressed({ pressure, why: '4xx no', early, open, sender }, { now: this.now, dice })
  }
}
