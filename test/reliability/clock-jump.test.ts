//
// The host's clock is set a day ahead and two days back while mail waits for its next attempt (F6). libfaketime moves
// the wall clock of the running node; its monotonic clock goes on, as it does on a real host.

import { expect } from 'bun:test'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Lab, say, until, withLab } from './lab.ts'
import { post } from './load.ts'
import { API_KEY, type MailNode } from './node.ts'
import { SETPRIV, trial } from './trial.ts'

/** Empty where the package is not installed; the folder has the architecture's name in it. */
const [LIBRARY = ''] = new Bun.Glob('*/faketime/libfaketimeMT.so.1').scanSync({
  cwd: '/usr/lib',
  absolute: true,
})
const DEFERRED = 20
const DAY = '86400'
/** Shorter than the jump: who believes the wall clock alone gives up a day too early. */
const GIVE_UP = '"12h"'

trial(
  {
    claim:
      'a clock that jumps a day ahead or back makes no early bounce, no burst, and no mail late that comes after it',
    within: 60_000,
    needs: { ...SETPRIV, libfaketime: LIBRARY !== '' },
  },
  async () => {
    const attempts = new Map<string, number>()
    let isDeferring = true
    const answerTo = (recipient: string): string | null => {
      if (!recipient.startsWith('later')) return null
      attempts.set(recipient, (attempts.get(recipient) ?? 0) + 1)
      return isDeferring ? '451 4.2.0 later' : null
    }
    await withLab(
      async (lab) => {
        const clock = join(lab.folder, 'clock')
        const set = (offset: string): void => {
          // In one step: nobody may read half of it.
          writeFileSync(`${clock}.new`, `${offset}\n`)
          renameSync(`${clock}.new`, clock)
        }
        set('+0')
        const node = await lab.start({
          settings: { 'delivery.give_up_after': GIVE_UP },
          env: {
            LD_PRELOAD: LIBRARY,
            FAKETIME_TIMESTAMP_FILE: clock,
            FAKETIME_NO_CACHE: '1',
            FAKETIME_DONT_FAKE_MONOTONIC: '1',
          },
        })
        const most = () => Math.max(...attempts.values())
        const names = Array.from({ length: DEFERRED }, (_, index) => `later${index}`)
        const ids = await Promise.all(names.map((name) => accepted(lab, node, name)))
        await until('the first attempts', () => attempts.size === DEFERRED)
        const quick = [await onTime(lab, node, 'before')]

        set(`+${DAY}`)
        // Due by the wall clock: each may be tried once more, and then has to wait its minutes.
        await until('second attempts', () => [...attempts.values()].every((count) => count === 2))
        quick.push(await onTime(lab, node, 'ahead'))
        set(`-${DAY}`)
        quick.push(await onTime(lab, node, 'back'))
        await someRounds()
        expect(most()).toBe(2)
        expect(await Promise.all(ids.map((id) => statusOf(node, id)))).toEqual(ids.map(() => 'queued'))

        isDeferring = false
        set(`+${2 * Number(DAY)}`)
        await lab.drain()
        expect(await node.stop()).toBe(0)
        expect(most()).toBe(3)
        expect(lab.ledger.wrong).toEqual([])
        expect(lab.ledger.duplicated()).toEqual([])
        say('clock jump', {
          jumps: '+1 d, -1 d, +2 d from the true time',
          deferred: DEFERRED,
          'bounced early': 0,
          'attempts of each': most(),
          'accept to delivered before and after each jump in ms': quick.map((ms) => ms.toFixed(0)).join(', '),
        })
      },
      { answerTo },
    )
  },
)

/** Longer than the queue looks for due mail twice: a burst would have begun. */
const someRounds = () => Bun.sleep(1200)

async function accepted(lab: Lab, node: MailNode, name: string): Promise<string> {
  const recipients = [`${name}@one.example.net`]
  const answered = await post(node, { name, recipients, text: `mark:${name}\r\nhello\r\n` })
  expect(answered?.status).toBe(200)
  lab.ledger.acknowledge(recipients, 'rest')
  return answered?.messageId ?? ''
}

/** A message that is accepted now is delivered now, whatever the clock says. */
async function onTime(lab: Lab, node: MailNode, name: string): Promise<number> {
  await accepted(lab, node, name)
  return until(`${name} to be delivered`, () => lab.ledger.receipts.has(`${name}@one.example.net`))
}

async function statusOf(node: MailNode, id: string): Promise<string> {
  const answer = await fetch(`${node.api}/v1/email/${id}`, {
    headers: { authorization: `Bearer ${API_KEY}` },
  })
  return ((await answer.json()) as { status: string }).status
}
