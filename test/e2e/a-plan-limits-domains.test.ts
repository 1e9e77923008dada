import { expect, test } from 'bun:test'
import { must, startLab } from '../support/appliance.ts'
import { tenantOf } from '../support/tenants.ts'

test('a plan lets in as many domains as it says and not one more, also of a crowd that asks at once', async () => {
  await using lab = await startLab({ toml: '[plans.two]\nmax_domains = 2\n' })
  // It has one domain already.
  const { ask, name } = await tenantOf(lab, 'shop')
  const plan = async (to: string) => must(await lab.admin.accountSetPlan({ account: name, plan: to }))
  const add = (at: number) => ask('POST', '/domains', { name: `${name}-${at}.example` })
  await plan('two')
  const ends = await Promise.all([1, 2, 3, 4].map(add))
  expect(ends.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409])
  expect(ends.find(({ status }) => status === 409)?.body.error.code).toBe('too_many_domains')
  expect((await lab.admin.domainAdd({ name: `${name}-9.example`, account: name })).ok).toBe(false)
  await ask('DELETE', `/domains/${name}.example`)
  expect((await add(5)).status).toBe(200)
  expect((await add(6)).status).toBe(409)
  // Another plan counts at once; a smaller one takes nothing away.
  await plan('unlimited')
  expect((await add(7)).status).toBe(200)
  await plan('two')
  expect((await ask('GET', '/domains')).body.data).toHaveLength(3)
})
