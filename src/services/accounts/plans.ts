//
// Owns: the named limits of accounts: those promised in the API's documentation, changed or joined by configured ones.

import type { Plan } from '../../core/account.ts'

/** An email is one recipient. */
const BUILT_IN: readonly Plan[] = [
  { name: 'free', apiPerSecond: 10, mailPerSecond: 1 },
  { name: 'starter', apiPerSecond: 50, mailPerSecond: 10 },
  { name: 'standard', apiPerSecond: 100, mailPerSecond: 50 },
  { name: 'professional', apiPerSecond: 500, mailPerSecond: 200 },
  { name: 'unlimited', apiPerSecond: null, mailPerSecond: null },
]

export const DEFAULT_PLAN = 'unlimited'
/** For accounts whose plan was taken out of the configuration: the narrowest that is promised. */
const STRICTEST = 'free'

export interface Plans {
  readonly all: readonly Plan[]
  has(name: string): boolean
  /** Never nothing: an account whose plan is unknown has the strictest one. */
  named(name: string): Plan
}

type Configured = Readonly<Record<string, Omit<Plan, 'name'>>>

/** The plans in force; a reload of the configuration replaces them for everybody who holds this. */
export class PlanBook implements Plans {
  #plans: ReadonlyMap<string, Plan>

  constructor(configured: Configured = {}) {
    this.#plans = joined(configured)
  }

  get all(): readonly Plan[] {
    return [...this.#plans.values()]
  }

  has(name: string): boolean {
    return this.#plans.has(name)
  }

  named(name: string): Plan {
    const strictest = this.#plans.get(STRICTEST) ?? { apiPerSecond: 1, mailPerSecond: 1 }
    return this.#plans.get(name) ?? { ...strictest, name }
  }

  replace(configured: Configured): void {
    this.#plans = joined(configured)
  }
}

function joined(configured: Configured): ReadonlyMap<string, Plan> {
  const plans = new Map(BUILT_IN.map((plan) => [plan.name, plan]))
  for (const [name, plan] of Object.entries(configured)) plans.set(name, { ...plan, name })
  return plans
}
