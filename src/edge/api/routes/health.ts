//
// Owns: what load balancers and monitoring ask: alive, ready (with reasons), figures.

import { Elysia } from 'elysia'
import type { HealthView } from '../api.ts'

export const healthRoutes = (health: HealthView) =>
  new Elysia({ name: 'health' })
    .get('/livez', () => ({ status: 'alive' }))
    .get('/readyz', async ({ set }) => {
      const reasons = await health.ready()
      if (reasons.length === 0) return { status: 'ready' }
      set.status = 503
      return { status: 'not ready', reasons }
    })
    .get('/metrics', async ({ set }) => {
      const { contentType, text } = await health.metrics()
      set.headers['content-type'] = contentType
      return text
    })
