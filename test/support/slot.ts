//
// Owns: one delivery slot against scripted MX hosts: what a test of an attempt needs, with its endings.

import type { AttemptOutcome } from '../../src/core/outcome.ts'
import { clearOnlyAddresses, silentAddresses } from '../../src/net/delivery/lately.ts'
import type { DeliveryReport } from '../../src/net/delivery/order.ts'
import { Renderer } from '../../src/net/delivery/render.ts'
import { Slot } from '../../src/net/delivery/slot.ts'
import { trustIn } from '../../src/net/smtp/security.ts'
import { systemClock } from '../../src/ops/clock.ts'
import { type Mx, type MxScript, startMx } from './mx.ts'
import { type OrderDraft, orderFor } from './orders.ts'

const LONG = 5000
export const patient = {
  connect: LONG,
  greeting: LONG,
  command: LONG,
  data: LONG,
  block: LONG,
  finalDot: LONG,
  idle: LONG,
}

/** Scripted MX hosts of one test file; `close` belongs into its afterEach. */
export function mxHosts(): { start(script?: MxScript): Promise<Mx>; close(): Promise<void> } {
  const open: Mx[] = []
  return {
    async start(script = {}) {
      const mx = await startMx(script)
      open.push(mx)
      return mx
    },
    async close() {
      for (const mx of open.splice(0)) await mx.close()
    },
  }
}

export interface SlotSetup {
  readonly patience?: typeof patient
  /** Waiting for a greeting while another host could be asked. */
  readonly haste?: number
  readonly stop?: AbortSignal
  /** PEM of an authority to trust beside the public ones. */
  readonly ca?: string
  report?(report: DeliveryReport): void
}

/** Made once: it reads the authorities that everybody trusts. */
const PUBLIC = trustIn(null)

/** A slot whose reports can be awaited. */
export function slotWith({ patience = patient, haste = LONG, stop, ca, report }: SlotSetup = {}) {
  const waiting: ((report: DeliveryReport) => void)[] = []
  const clock = systemClock()
  const slot = new Slot({
    way: {
      patience,
      clock,
      trust: ca === undefined ? PUBLIC : trustIn({ ca }),
      clearOnly: clearOnlyAddresses(clock),
      silent: silentAddresses(clock),
      haste,
      stop: stop ?? new AbortController().signal,
    },
    renderer: new Renderer(new Uint8Array(32)),
    report: report ?? ((each) => waiting.shift()?.(each)),
  })
  const send = (draft: OrderDraft): Promise<DeliveryReport> =>
    new Promise((resolve) => {
      waiting.push(resolve)
      slot.push(orderFor(draft))
    })
  return { slot, send }
}

/** An outcome in three words. */
export const said = (outcome: AttemptOutcome): string => {
  if (outcome.kind === 'delivered') return `delivered ${outcome.reply.code}`
  const { cause } = outcome
  switch (cause.kind) {
    case 'reply':
      return `${outcome.kind} ${cause.stage} ${cause.reply.code}`
    case 'network':
      return `${outcome.kind} network ${cause.at}`
    case 'policy':
      return `${outcome.kind} policy ${cause.rule}`
    default:
      return `${outcome.kind} ${cause.kind}`
  }
}
