//
// Two nodes at one PostgreSQL database share a tenant: one quota, one state, one set of keys; what one of them is told
// holds at the other within seconds, and an account that is deleted is gone from both.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { SECOND } from '../../src/core/time.ts'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { handClock } from '../support/clock.ts'
import { LAB_START } from '../support/lab-folder.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'
import { until } from '../support/until.ts'

// The first one waits for the cluster to start.
setDefaultTimeout(120_000)

const suite = postgresSuite('PostgreSQL')
const toml = '[plans.tiny]\nmail_per_month = 20\n'

test.skipIf(suite.skip)(
  `${suite.name}: quota, suspension, keys and deletion hold on both nodes`,
  async () => {
    const config = { 'store.url': await freshDatabase() }
    await using one = await startLab({ config, toml })
    await using two = await startLab({
      beside: one,
      clock: handClock(LAB_START),
      config: { ...config, 'server.node': '2' },
      toml,
    })
    const both = () => Promise.all([one.advance(SECOND), two.advance(SECOND)])
    must(await one.admin.accountAdd({ name: 'shop', plan: 'tiny' }))
    must(await one.admin.domainAdd({ name: 'shop.example', account: 'shop' }))
    const { id: keyId, key } = must(await one.admin.keyCreate({ account: 'shop', name: 'k', mode: 'live' }))
    const send = async (lab: Lab) => {
      const letter = {
        from: 'a@shop.example',
        to: 'delivered@sandbox.mailwok.test',
        text: 'Hi',
        subject: 'Hi',
      }
      const { status, body } = await lab.post('/v1/email/send', letter, { authorization: `Bearer ${key}` })
      return status === 200 ? 'sent' : body.error.code
    }

    const all = await Promise.all(Array.from({ length: 30 }, (_, nth) => send(nth % 2 === 0 ? one : two)))
    expect(all.filter((end) => end === 'sent')).toHaveLength(20)
    expect(all.filter((end) => end === 'quota_exceeded')).toHaveLength(10)
    expect(must(await two.admin.accountShow({ account: 'shop' })).usage.month).toMatchObject({
      mails: 20,
      left: 0,
    })
    must(await two.admin.accountSetPlan({ account: 'shop', plan: 'unlimited' }))
    expect(await send(two)).toBe('sent')
    await until('the other has heard of the plan', async () => {
      await both()
      return (await send(one)) === 'sent'
    })

    must(await one.admin.accountSuspend({ account: 'shop', reason: 'Wait.' }))
    expect(await send(one)).toBe('account_suspended')
    await until('the other refuses', async () => {
      await both()
      return (await send(two)) === 'account_suspended'
    })
    must(await two.admin.accountResume({ account: 'shop' }))
    must(await two.admin.keyChange({ key: keyId, name: null, scopes: ['email:read'] }))
    expect(await send(two)).toBe('missing_scope')
    await until('the other knows the key’s limits', async () => {
      await both()
      return (await send(one)) === 'missing_scope'
    })

    must(await one.admin.accountRemove({ account: 'shop', confirm: 'shop' }))
    await until('it is gone, though both take it away', async () => {
      await both()
      const named = async (lab: Lab) =>
        must(await lab.admin.accountList({})).some(({ name }) => name === 'shop')
      return !(await named(one)) && !(await named(two))
    })
    expect((await one.send()).status).toBe(200)
  },
)
