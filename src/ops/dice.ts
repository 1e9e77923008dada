//
// Owns: chance. Never for secrets: those come from node:crypto where they are made.

import type { Dice } from '../core/ports.ts'

export const systemDice = (): Dice => () => Math.random()
