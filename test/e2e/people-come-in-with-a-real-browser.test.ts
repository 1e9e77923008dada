//
// The links of letters in a real browser: the token is sent in no address, what is wrong is said, and who has come in can
// log in, also by a cookie where the page is ours.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { CHROMIUM, type Reader, startReader } from '../support/browser.ts'
import { bearer, PASSWORD, PeopleLab } from '../support/people-lab.ts'

describe.skipIf(CHROMIUM === null)('the pages of letters', () => {
  let people: PeopleLab
  let reader: Reader
  let base = ''

  beforeAll(async () => {
    people = await PeopleLab.start()
    reader = await startReader()
    base = `http://127.0.0.1:${people.lab.port('api.http')}`
  })
  afterAll(async () => {
    await reader[Symbol.asyncDispose]()
    await people[Symbol.asyncDispose]()
  })

  const fill = async (fields: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(fields)) {
      await reader.page.$eval(`input[name="${name}"]`, (input) => {
        ;(input as unknown as { value: string }).value = ''
      })
      await reader.page.type(`input[name="${name}"]`, text)
    }
    await reader.page.click('button')
  }
  const told = async (kind: 'good' | 'bad'): Promise<string> => {
    const shown = await reader.page.waitForSelector(`output.${kind}`)
    return (await shown?.evaluate((output) => output.textContent)) ?? ''
  }
  /** `about:blank` first: another # alone would load nothing. */
  const open = async (path: string) => {
    await reader.page.goto('about:blank')
    expect((await reader.page.goto(`${base}${path}`, { waitUntil: 'load' }))?.status()).toBe(200)
  }

  test('who is invited comes in, once', async () => {
    await people.call(
      'POST',
      '/v1/invitations',
      { email: 'dora@example.net', role: 'viewer' },
      bearer(people.owner),
    )
    const token = await people.tokenIn('dora@example.net')
    await open(`/accept-invitation#${token}`)
    expect(reader.page.url()).toBe(`${base}/accept-invitation`)
    await fill({ name: 'Dora', password: PASSWORD, again: `${PASSWORD}!` })
    expect(await told('bad')).toBe('The two passwords differ.')
    await fill({ name: 'Dora', password: PASSWORD, again: PASSWORD })
    expect(await told('good')).toContain('You belong to the account now')
    expect((await people.login('dora@example.net')).status).toBe(200)
    // The browser's own list has what stands behind the #; the server never gets it.
    expect(reader.asked.filter((one) => one.split('#')[0]?.includes(token))).toEqual([])
    await open(`/accept-invitation#${token}`)
    await fill({ password: PASSWORD, again: PASSWORD })
    expect(await told('bad')).toContain('This token is unknown')
  })

  test('who has forgotten his password chooses another', async () => {
    await people.add('emil@example.net', 'viewer')
    await people.call('POST', '/v1/password-resets', { email: 'emil@example.net' })
    await open(`/reset-password#${await people.tokenIn('emil@example.net')}`)
    await fill({ password: 'short', again: 'short' })
    expect(await told('bad')).toContain('10 to 256 characters')
    await fill({ password: 'another horse of mine', again: 'another horse of mine' })
    expect(await told('good')).toContain('Your password is changed')
    expect((await people.login('emil@example.net', { password: 'another horse of mine' })).status).toBe(200)
  })

  test('a link without its end is told of, and no policy is broken', async () => {
    await open('/reset-password')
    expect(await told('bad')).toContain('not whole')
    // What is refused is in the console as the browser says it; a policy that was broken would be as well.
    expect(reader.complaints.filter((one) => /policy|Refused|Uncaught/i.test(one))).toEqual([])
  })
})
