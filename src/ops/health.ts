//
// Owns: the answers to /livez and /readyz. Parts say of themselves whether they are ready; nobody asks them in a loop.

export interface Health {
  /** A part that has not spoken since `expect` is not ready. */
  expect(part: string): void
  ready(part: string): void
  /** `reason` is for the operator: no internals of a tenant. */
  unready(part: string, reason: string): void
  /** From now on not ready, whatever the parts say. */
  stopping(): void
  livez(): HealthAnswer
  readyz(): HealthAnswer
}

export interface HealthAnswer {
  readonly ok: boolean
  /** Empty when ok. */
  readonly reasons: readonly { readonly part: string; readonly reason: string }[]
}

export function openHealth(): Health {
  const reasons = new Map<string, string | null>()
  return {
    expect: (part) => void reasons.set(part, 'starting'),
    ready: (part) => void reasons.set(part, null),
    unready: (part, reason) => void reasons.set(part, reason),
    stopping: () => void reasons.set('node', 'stopping'),
    // Whoever answers is alive: a process that hangs is found by its silence.
    livez: () => ({ ok: true, reasons: [] }),
    readyz: () => {
      const found = [...reasons].flatMap(([part, reason]) => (reason === null ? [] : [{ part, reason }]))
      return { ok: found.length === 0, reasons: found }
    },
  }
}
