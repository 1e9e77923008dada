//
// SIGTERM under load (F17): who was told yes before, during or after the signal gets his mail, and gets it once.

import { expect } from 'bun:test'
import { chanceOf } from './chance.ts'
import { say, until, withLab } from './lab.ts'
import { Load } from './load.ts'
import { SETPRIV, trial } from './trial.ts'

const STOPS = 3
/** Acknowledgements before each signal: then the load is there, however slow the machine. */
const LOADED = 20

trial({ claim: 'SIGTERM under load loses nothing and doubles nothing', within: 90_000, needs: SETPRIV }, () =>
  withLab(async ({ ledger, recorder, start, drain }) => {
    const chance = chanceOf()
    const load = new Load({ ledger, chance, smtpClients: 8, restClients: 8 })
    let slowest = 0
    let afterSignal = 0
    for (let stop = 1; stop <= STOPS; stop += 1) {
      ledger.life = stop
      const node = await start()
      const before = ledger.acknowledged.size
      load.start(node)
      await until('the load to be there', () => ledger.acknowledged.size >= before + LOADED)
      await Bun.sleep(chance.between(0, 500))
      const signalled = performance.now()
      const acknowledged = ledger.acknowledged.size
      expect(await node.stop()).toBe(0)
      slowest = Math.max(slowest, performance.now() - signalled)
      await load.stop()
      afterSignal += ledger.acknowledged.size - acknowledged
      await until('the sessions to end', () => recorder.sessions === 0)
    }
    ledger.life = STOPS + 1
    const last = await start()
    await drain()
    expect(await last.stop()).toBe(0)
    expect(ledger.missing()).toEqual([])
    expect(ledger.wrong).toEqual([])
    expect(ledger.duplicated()).toEqual([])
    // 421, a refused or a closed connection: nothing that a client would take for a verdict on its message.
    const verdicts = [...ledger.refused.keys()].filter((code) => !/closed$|421$|503$/.test(code))
    expect(verdicts).toEqual([])
    say('SIGTERM', {
      seed: chance.seed,
      stops: STOPS,
      acknowledged: ledger.acknowledged.size,
      'of these after the signal': afterSignal,
      lost: 0,
      'received twice': 0,
      'slowest stop in ms': slowest.toFixed(0),
      refused: JSON.stringify(Object.fromEntries(ledger.refused)),
    })
  }),
)
