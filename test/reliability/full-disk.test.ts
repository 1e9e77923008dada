//
// A disk that fills up under load and is freed again (F4), on a tmpfs of our own.

import { expect } from 'bun:test'
import { chanceOf } from './chance.ts'
import { smallDisk } from './disk.ts'
import { say, until, withLab } from './lab.ts'
import { Load } from './load.ts'
import { SETPRIV, trial } from './trial.ts'

const DISK_MEGABYTES = 192
/** What the store lays by (src/store/sqlite/reserve.ts). */
const RESERVE_BYTES = 16 * 1024 * 1024
/** Acknowledged before, and again after: then it is not a single lucky one. */
const SOME = 30
/** A refused client tries again so often: a full disk must not become a race of refusals. */
const PAUSE = 20

const needs = {
  ...SETPRIV,
  root: process.getuid?.() === 0,
  unshare: Bun.which('unshare') !== null && Bun.which('nsenter') !== null,
}

trial(
  {
    claim: 'a full disk is answered 507 and 452, holds up no delivery, loses nothing, and passes',
    within: 90_000,
    needs,
  },
  () =>
    withLab(async (lab) => {
      const { ledger, recorder } = lab
      const disk = await smallDisk(lab, DISK_MEGABYTES)
      const node = await lab.start({ dataDir: disk.path, within: disk.within })
      const chance = chanceOf()
      const load = new Load({ ledger, chance, smtpClients: 3, restClients: 3, pause: PAUSE })
      const acknowledged = (door: string) =>
        [...ledger.acknowledged.values()].filter((by) => by === door).length
      load.start(node)
      await until('mail to flow', () => acknowledged('smtp') > SOME && acknowledged('rest') > SOME)
      await until('the reserve to be laid by', () => disk.sizeOf('mailwok.db-reserve') === RESERVE_BYTES)
      // These wait for their answer while the disk fills up: their outcomes come when there is no room.
      recorder.hold(true)
      await until('mail to wait', () => ledger.outstanding > SOME)
      disk.fill()
      const refused = (code: string) => ledger.refused.get(code) ?? 0
      // Filled once: the reserve that the node gives up is for what it owes, not for us.
      await until('refusals at both doors', () => refused('rest 507') > SOME && refused('smtp 452') > SOME)
      const whileFull = ledger.acknowledged.size
      const held = ledger.outstanding
      recorder.hold(false)
      const delivered = await until('delivery of what was accepted', () => ledger.outstanding === 0)
      const before = { smtp: acknowledged('smtp'), rest: acknowledged('rest') }
      disk.free()
      const recovered = await until(
        'both doors to take mail again',
        () => acknowledged('smtp') > before.smtp + SOME && acknowledged('rest') > before.rest + SOME,
      )
      await load.stop()
      await lab.drain()
      await until('readiness', async () => (await node.readyz()) === 200)
      expect(await node.stop()).toBe(0)
      expect(ledger.missing()).toEqual([])
      expect(ledger.wrong).toEqual([])
      expect(ledger.duplicated()).toEqual([])
      expect([...ledger.refused.keys()].sort()).toEqual(['rest 507', 'smtp 452'])
      say('full disk', {
        seed: chance.seed,
        acknowledged: ledger.acknowledged.size,
        'refused by REST': refused('rest 507'),
        'by SMTP': refused('smtp 452'),
        'waiting when it was full': held,
        'these delivered on the full disk in ms': delivered.toFixed(0),
        'acknowledged while full': before.smtp + before.rest - whileFull,
        lost: 0,
        'received twice': 0,
        [`freed to ${2 * SOME} acknowledgements in ms`]: recovered.toFixed(0),
      })
    }),
)
