//
// Owns: wiring sending domains: how often they are looked at and their keys changed.

import type { Config } from './config/schema.ts'
import type { DomainOptions } from './services/domains/domains.ts'

export const domainOptions = ({ domains }: Config): DomainOptions => ({
  checkEvery: domains.checkEvery,
  rotateEvery: domains.dkimRotation === 0 ? null : domains.dkimRotation,
})
