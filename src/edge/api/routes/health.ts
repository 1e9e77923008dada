//
// Owns: what load balancers ask: alive, and ready with reasons.

import { Elysia } from 'elysia'
import { LIVEZ, READYZ } from '../operations/stats.ts'

export interface HealthView {
  /** Empty when ready. */
  readyz(): {
    readonly ok: boolean
    readonly reasons: readonly { readonly part: string; readonly reason: string }[]
  }
}

export const healthRoutes = (health: HealthView) =>
  new Elysia({ name: 'health' })
    .get('/livez', () => ({ status: 'alive' }), { ...LIVEZ })
    .get(
      '/readyz',
      ({ set }) => {
        const { ok, reasons } = health.readyz()
        if (ok) return { status: 'ready' }
        set.status = 503
        return { status: 'not ready', reasons }
      },
      { ...READYZ },
    )
