//
// What recipients see and do, with Chromium: the link of a real letter, its page, its buttons, by keyboard and by mouse.

import { expect, setDefaultTimeout } from 'bun:test'
import type { Page } from 'puppeteer-core'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { CHROMIUM, type Reader, startReader } from '../support/browser.ts'
import { MARKETING, next, sendAndSee } from '../support/leaving.ts'
import { testWith } from '../support/system-part.ts'

// A browser takes seconds to start on a busy machine.
setDefaultTimeout(60_000)

const PHONE = { width: 390, height: 844, isMobile: true, hasTouch: true }
const DESKTOP = { width: 1280, height: 800 }

/** Sends a letter and takes the link out of what arrived. */
async function letter(lab: Lab): Promise<{ readonly id: string; readonly link: string }> {
  const html = '<p>Hello {{ name }}!</p><p><a href="{{ unsubscribe_url }}">Unsubscribe</a></p>'
  const id = await sendAndSee(lab, { ...MARKETING, html, data: { name: 'Ann' } })
  const raw = lab.mx.messages.at(-1)?.bytes.toString('latin1').replaceAll('=\r\n', '') ?? ''
  const link = /<a href=(?:3D)?"(http:[^"]+)">Unsubscribe/.exec(raw)?.[1]
  if (link === undefined) throw new Error(`no link in ${raw}`)
  return { id, link }
}

const ALL = { reason: null, after: null, limit: 100, scope: null, domain: null, include_expired: false }
async function scopes(lab: Lab): Promise<readonly string[]> {
  const { entries } = must(await lab.admin.suppressionList({ ...ALL, account: 'default' }))
  return entries.map(({ scope }) => scope)
}

const heading = (page: Page): Promise<string> => page.$eval('h1', ({ textContent }) => textContent ?? '')

async function press(page: Page, key: 'Enter' | 'Space'): Promise<void> {
  await page.keyboard.press('Tab')
  expect(await page.evaluate('document.activeElement.tagName')).toBe('BUTTON')
  await Promise.all([page.waitForNavigation(), page.keyboard.press(key)])
}

const click = (page: Page, selector: string): Promise<unknown> =>
  Promise.all([page.waitForNavigation(), page.click(selector)])

/** Nothing but our pages was asked for, and nothing was complained of. */
function expectQuiet({ asked, complaints }: Reader, link: string): void {
  expect(complaints).toEqual([])
  for (const each of asked) expect(each.replace('?choose', '').replace(/\?$/, '')).toEndWith(` ${link}`)
}

testWith('Chromium', CHROMIUM !== null, 'by keyboard, and back', async () => {
  await using lab = await startLab()
  const { id, link } = await letter(lab)
  await using reader = await startReader()
  const { page } = reader
  await page.goto(link)
  expect(await heading(page)).toBe('Unsubscribe?')
  expect(await scopes(lab)).toEqual([])

  await press(page, 'Enter')
  expect(await heading(page)).toBe('You are unsubscribed')
  expect(await scopes(lab)).toEqual(['list:news.weekly'])
  expect(await next(lab, MARKETING)).toBe('suppressed')
  const { events } = await lab.message(id)
  expect(events.at(-1)).toMatchObject({
    event: 'email.unsubscribed',
    recipient: 'rcpt@example.net',
    by: 'page',
    scope: 'list:news.weekly',
  })
  expect(JSON.stringify(events.at(-1))).toContain('Chrome')

  await press(page, 'Space')
  expect(await heading(page)).toBe('You are subscribed again')
  expect(await scopes(lab)).toEqual([])
  expect(await next(lab, MARKETING)).toBe('queued')
  expectQuiet(reader, link)
})

testWith('Chromium', CHROMIUM !== null, 'by mouse and finger, from all marketing mail', async () => {
  await using lab = await startLab()
  const { link } = await letter(lab)
  await using reader = await startReader()
  const { page } = reader
  await page.setViewport(DESKTOP)
  await page.goto(`${link}?utm_source=newsletter`)
  await click(page, 'button')
  expect(await scopes(lab)).toEqual(['list:news.weekly'])
  // Who opens the letter once more sees that it is done.
  await page.goto(link)
  expect(await heading(page)).toBe('You are unsubscribed')
  await click(page, 'a')
  expect(await heading(page)).toBe('Choose what you receive')
  await page.setViewport(PHONE)
  await Promise.all([page.waitForNavigation(), page.tap('#do-all')])
  expect(await heading(page)).toBe('You are unsubscribed')
  expect([...(await scopes(lab))].sort()).toEqual(['list:news.weekly', 'marketing'])
  await page.reload()
  expect([...(await scopes(lab))].sort()).toEqual(['list:news.weekly', 'marketing'])
})

testWith('Chromium', CHROMIUM !== null, 'in the language of the reader', async () => {
  await using lab = await startLab()
  const { link } = await letter(lab)
  await using reader = await startReader('de-DE')
  await reader.page.goto(link)
  expect(await heading(reader.page)).toBe('Abbestellen?')
  await press(reader.page, 'Enter')
  expect(await heading(reader.page)).toBe('Sie sind abgemeldet')
})

testWith('Chromium', CHROMIUM !== null, 'nobody can lay the button under a page of his own', async () => {
  await using lab = await startLab()
  const { link } = await letter(lab)
  await using trap = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: () =>
      new Response(`<iframe src="${link}"></iframe>`, { headers: { 'content-type': 'text/html' } }),
  })
  await using reader = await startReader()
  await reader.page.goto(trap.url.href)
  const [frame] = reader.page.mainFrame().childFrames()
  expect(await frame?.$('button')).toBeNull()
  expect(reader.complaints.join()).toContain('frame-ancestors')
})

testWith('Chromium', CHROMIUM !== null, 'readable in light and dark, on phones and desktops', async () => {
  await using lab = await startLab()
  const { link } = await letter(lab)
  await using reader = await startReader()
  const { page } = reader
  for (const viewport of [PHONE, DESKTOP]) {
    for (const scheme of ['light', 'dark']) {
      await page.setViewport(viewport)
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
      for (const address of [link, `${link}?choose`, `${link}x`]) {
        await page.goto(address)
        const seen = (await page.evaluate(MEASURE)) as Measured
        expect(seen.lang).toBe('en')
        expect(seen.isDark).toBe(scheme === 'dark')
        expect(seen.tooFaint).toEqual([])
        expect(seen.tooSmall).toEqual([])
        expect(seen.isWiderThanTheWindow).toBe(false)
        expect(new Set(seen.names).size).toBe(seen.names.length)
      }
    }
  }
})

interface Measured {
  readonly lang: string
  readonly isDark: boolean
  /** Text with a contrast of less than 4.5 to 1 (WCAG 2.2, 1.4.3). */
  readonly tooFaint: readonly string[]
  /** What can be pressed and is lower than 44 pixels. */
  readonly tooSmall: readonly string[]
  readonly isWiderThanTheWindow: boolean
  /** What is said of each button to who hears the page. */
  readonly names: readonly string[]
}

/** Runs in the page. */
const MEASURE = `(() => {
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number)
  const light = (color) => numbers(color).slice(0, 3).map((each) => each / 255)
    .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
    .reduce((sum, each, at) => sum + each * [0.2126, 0.7152, 0.0722][at], 0)
  const behind = (element) => {
    const color = getComputedStyle(element).backgroundColor
    return numbers(color)[3] === 0 ? behind(element.parentElement) : color
  }
  const contrast = (element) => {
    const pair = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => b - a)
    return (pair[0] + 0.05) / (pair[1] + 0.05)
  }
  const all = [...document.querySelectorAll('main *')]
  const named = (button) => (button.getAttribute('aria-labelledby') ?? '').split(' ')
    .map((id) => document.getElementById(id)?.textContent ?? button.textContent).join(' ')
  return {
    lang: document.documentElement.lang,
    isDark: light(behind(document.body)) < 0.2,
    tooFaint: all.filter((each) => each.textContent.trim() !== '' && contrast(each) < 4.5)
      .map((each) => each.outerHTML + ' ' + contrast(each)),
    tooSmall: all.filter((each) => ['A', 'BUTTON'].includes(each.tagName) && each.getBoundingClientRect().height < 44)
      .map((each) => each.outerHTML),
    isWiderThanTheWindow: document.documentElement.scrollWidth > innerWidth,
    names: [...document.querySelectorAll('button')].map(named),
  }
})()`
