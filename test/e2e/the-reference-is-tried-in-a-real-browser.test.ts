//
// The documentation in a real browser: nothing is asked of another host, no policy is broken, a message is sent from the
// form, the keyboard reaches everything, and it fits a telephone, by day and by night.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Lab, startLab } from '../support/appliance.ts'
import { CHROMIUM, type Reader, startReader } from '../support/browser.ts'
import { LAB_KEY } from '../support/lab-folder.ts'

describe.skipIf(CHROMIUM === null)('the documentation', () => {
  let lab: Lab
  let reader: Reader
  let base = ''

  beforeAll(async () => {
    lab = await startLab()
    reader = await startReader()
    base = `http://127.0.0.1:${lab.port('api.http')}`
  })
  afterAll(async () => {
    await reader[Symbol.asyncDispose]()
    await lab[Symbol.asyncDispose]()
  })

  const open = async (path: string) => {
    const answer = await reader.page.goto(`${base}${path}`, { waitUntil: 'load' })
    expect(answer?.status()).toBe(200)
  }

  test('a message is sent from the form, with a key that is kept nowhere', async () => {
    const { page } = reader
    await page.setViewport({ width: 1400, height: 900 })
    await open('/docs/api-reference')
    await page.type('#key', LAB_KEY)
    const form = await page.waitForSelector('form[data-path="/v1/email/send"]')
    await page.$eval('#postEmailSend details.try', (details) => details.setAttribute('open', ''))
    await form?.$eval('button', (button) => button.click())
    const shown = await page.waitForSelector('#postEmailSend output pre.good')
    const text = (await shown?.evaluate((pre) => pre.textContent)) ?? ''
    expect(text).toStartWith('200 OK')
    const id = /msg_[0-9a-z]{12}/.exec(text)?.[0] ?? ''
    expect((await lab.message(id)).subject).toBe('Your order is on its way')
    const kept = await page.evaluate('[document.cookie, localStorage.length, sessionStorage.length]')
    expect(kept).toEqual(['', 0, 0])
    await open('/docs/api-reference')
    expect(await page.$eval('#key', (input) => (input as unknown as { value: string }).value)).toBe('')
  })

  test('what is refused is shown, and without a key nothing is asked', async () => {
    const { page } = reader
    await open('/docs/api-reference')
    await page.$eval('#getEmailById details.try', (details) => details.setAttribute('open', ''))
    const before = reader.asked.length
    await page.type('#getEmailById input[name="id"]', 'msg_000000000000')
    await page.$eval('#getEmailById button', (button) => button.click())
    await page.waitForSelector('#getEmailById output pre.bad')
    expect(reader.asked.length).toBe(before)
    expect(await page.evaluate('document.activeElement?.id')).toBe('key')
    await page.keyboard.type(LAB_KEY)
    await page.$eval('#getEmailById button', (button) => button.click())
    await page.waitForFunction(
      "document.querySelector('#getEmailById output')?.textContent?.includes('not_found')",
    )
  })

  test('a file of CSV is sent as what it is', async () => {
    const { page } = reader
    await open('/docs/api-reference')
    await page.type('#key', LAB_KEY)
    const form = 'form[data-path="/v1/suppressions/import"]'
    await page.$eval(form, (one) => one.closest('details')?.setAttribute('open', ''))
    await page.$eval(`${form} button`, (button) => (button as unknown as { click(): void }).click())
    const shown = await page.waitForSelector(`${form} output pre.good`)
    expect(await shown?.evaluate((pre) => pre.textContent)).toContain('"added": 1')
  })

  test('markup in an answer is text, in what was taken as in what was refused', async () => {
    const { page } = reader
    const markup = '</pre><img src=x onerror="document.title=1"><script>document.title=2</script>'
    const id = await lab.sent({ subject: markup, custom: { [markup]: markup } })
    await open('/docs/api-reference')
    const title = await page.title()
    await page.type('#key', LAB_KEY)
    for (const [place, value, kind] of [
      ['#getEmailById', id, 'good'],
      ['#getEmailById', markup, 'bad'],
    ] as const) {
      await page.$eval(`${place} details.try`, (details) => details.setAttribute('open', ''))
      await page.focus(`${place} input[name="id"]`)
      await page.keyboard.down('Control')
      await page.keyboard.press('a')
      await page.keyboard.up('Control')
      await page.keyboard.type(value)
      await page.$eval(`${place} button`, (button) => (button as unknown as { click(): void }).click())
      await page.waitForFunction(
        `document.querySelector('${place} output pre.${kind}')?.textContent.includes('onerror')`,
      )
      expect(await page.$$eval(`${place} output *`, (all) => all.map((one) => one.tagName))).toEqual(['PRE'])
    }
    expect(await page.title()).toBe(title)
  })

  test('the keyboard goes from the top to the form, and Enter sends it', async () => {
    const { page } = reader
    await open('/docs/api-reference')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement?.className')).toBe('skip')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    const reached = new Set<unknown>()
    for (let step = 0; step < 60 && !reached.has('SUMMARY'); step += 1) {
      reached.add(await page.evaluate("document.activeElement?.tagName ?? ''"))
      await page.keyboard.press('Tab')
    }
    expect([...reached]).toContain('INPUT')
    await page.focus('#getLivez details.try summary')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#getLivez output pre.good')
  })

  test.each([
    ['light', 360],
    ['dark', 360],
    ['light', 1400],
    ['dark', 1400],
  ] as const)(
    '%s, %d wide: nothing is wider than the screen, and text can be read',
    async (scheme, width) => {
      const { page } = reader
      await page.setViewport({ width, height: 800 })
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
      for (const path of ['/docs', '/docs/api', '/docs/errors', '/docs/api-reference']) {
        await open(path)
        const wide = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        )
        expect([path, wide]).toEqual([path, 0])
        const faint = await page.evaluate(FAINT_TEXTS)
        expect([path, faint]).toEqual([path, []])
      }
    },
  )

  test('a place in an error leads to what it means', async () => {
    await open('/docs/errors#not_found')
    const seen = await reader.page.evaluate("document.querySelector(':target')?.textContent")
    expect(seen).toStartWith('not_found')
  })

  // The last: it speaks of all that went before.
  test('no other host was asked, and nothing was complained of', () => {
    expect(reader.asked.filter((one) => !one.includes(` ${base}/`))).toEqual([])
    // Chromium tells of every answer that is no success.
    expect(reader.complaints.filter((one) => !one.includes('status of 404'))).toEqual([])
  })
})

/** Runs in the page: texts with a contrast below 4.5 (WCAG 2.2, 1.4.3). */
const FAINT_TEXTS = `(() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map((part) => {
      const share = Number(part) / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor
      if (!colour.endsWith(', 0)')) return colour
    }
    return 'rgb(255, 255, 255)'
  }
  const found = new Set()
  const texts = 'a, p, li, td, th, h1, h2, h3, h4, code, span, summary, label, small, button'
  for (const element of document.querySelectorAll(texts)) {
    if (element.textContent.trim() === '' || element.className === 'place') continue
    const one = light(getComputedStyle(element).color)
    const other = light(behind(element))
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
    if (contrast < 4.5) found.add(element.tagName + '.' + element.className + ' ' + contrast.toFixed(2))
  }
  return [...found].slice(0, 5)
})()`
