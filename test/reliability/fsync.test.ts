//
// fsync that fails (F3): a library loaded before the C library lets every one end in EIO while a trigger file is there.

import { expect } from 'bun:test'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chanceOf } from './chance.ts'
import { say, until, withLab } from './lab.ts'
import { Load } from './load.ts'
import { SETPRIV, trial } from './trial.ts'

const SOME = 30
const PAUSE = 20

trial(
  {
    claim:
      'while fsync fails nothing is acknowledged and readiness is red; afterwards it recovers and nothing is lost',
    within: 90_000,
    needs: { ...SETPRIV, gcc: Bun.which('gcc') !== null },
  },
  () =>
    withLab(async (lab) => {
      const { ledger, folder } = lab
      const trigger = join(folder, 'trigger')
      const node = await lab.start({ env: { LD_PRELOAD: compiled(folder), BAD_SYNC_TRIGGER: trigger } })
      const chance = chanceOf()
      const load = new Load({ ledger, chance, smtpClients: 3, restClients: 3, pause: PAUSE })
      const acknowledged = (door: string) =>
        [...ledger.acknowledged.values()].filter((by) => by === door).length
      const refused = (code: string) => ledger.refused.get(code) ?? 0
      load.start(node)
      await until('mail to flow', () => acknowledged('smtp') > SOME && acknowledged('rest') > SOME)

      writeFileSync(trigger, '')
      await until('refusals at both doors', () => refused('rest 503') > SOME && refused('smtp 451') > SOME)
      const whenRefused = ledger.acknowledged.size
      const red = await until('readiness to go red', async () => (await node.readyz()) === 503)
      const moreRefusals = (): Promise<number> => {
        const enough = refused('rest 503') + SOME
        return until('more refusals', () => refused('rest 503') > enough)
      }
      // What was on its way when the disk failed may still arrive.
      await moreRefusals()
      const receipts = ledger.receiptCount
      await moreRefusals()
      expect(ledger.acknowledged.size).toBe(whenRefused)
      // What cannot be remembered is not sent: sending pauses, too.
      expect(ledger.receiptCount).toBe(receipts)

      rmSync(trigger)
      const before = { smtp: acknowledged('smtp'), rest: acknowledged('rest') }
      const recovered = await until(
        'both doors to take mail again',
        () => acknowledged('smtp') > before.smtp + SOME && acknowledged('rest') > before.rest + SOME,
      )
      const green = recovered + (await until('readiness', async () => (await node.readyz()) === 200))
      await load.stop()
      await lab.drain()
      expect(await node.stop()).toBe(0)
      expect(ledger.missing()).toEqual([])
      expect(ledger.wrong).toEqual([])
      expect([...ledger.refused.keys()].sort()).toEqual(['rest 503', 'smtp 451'])
      say('fsync fails', {
        seed: chance.seed,
        acknowledged: ledger.acknowledged.size,
        refused: refused('rest 503') + refused('smtp 451'),
        lost: 0,
        'received twice': ledger.duplicated().length,
        'red after the first refusals in ms': red.toFixed(0),
        [`repaired to ${2 * SOME} acknowledgements in ms`]: recovered.toFixed(0),
        'to green in ms': green.toFixed(0),
      })
    }),
)

function compiled(folder: string): string {
  const library = join(folder, 'bad-sync.so')
  const gcc = Bun.spawnSync(
    ['gcc', '-shared', '-fPIC', '-O1', '-o', library, join(import.meta.dir, 'bad-sync.c'), '-ldl'],
    { stderr: 'inherit' },
  )
  if (!gcc.success) throw new Error('gcc could not compile bad-sync.c')
  return library
}
