//
// Owns: a real browser, as readers have: Chromium of the system, without a window, with a profile of its own. It finds
// nothing beyond this machine, and remembers what its pages asked for and complained of.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'

export const CHROMIUM = Bun.which('chromium') ?? Bun.which('chromium-browser') ?? Bun.which('google-chrome')

const START_MS = 30_000
const STEP_MS = 10_000
const END_MS = 3000

export interface Reader extends AsyncDisposable {
  readonly page: Page
  /** Method and address, in the order in which they were asked for. */
  readonly asked: readonly string[]
  /** What the console and the page itself complained of. */
  readonly complaints: readonly string[]
}

export async function startReader(language = 'en-GB'): Promise<Reader> {
  const profile = mkdtempSync(join(tmpdir(), 'mailwok-browser-'))
  const browser = await puppeteer.launch({
    executablePath: CHROMIUM ?? '',
    userDataDir: profile,
    timeout: START_MS,
    protocolTimeout: START_MS,
    args: [
      // It refuses to run as root otherwise.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      `--lang=${language}`,
      `--accept-lang=${language}`,
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  })
  const end = async (): Promise<void> => {
    await closed(browser)
    rmSync(profile, { recursive: true, force: true })
  }
  try {
    const page = await browser.newPage()
    page.setDefaultTimeout(STEP_MS)
    const asked: string[] = []
    const complaints: string[] = []
    page.on('request', (request) => void asked.push(`${request.method()} ${request.url()}`))
    page.on('console', (message) => void complaints.push(message.text()))
    page.on('pageerror', (error) => void complaints.push(String(error)))
    return { page, asked, complaints, [Symbol.asyncDispose]: end }
  } catch (error) {
    await end()
    throw error
  }
}

/** Asks it to end, and ends it when it does not. */
async function closed(browser: Browser): Promise<void> {
  const process = browser.process()
  const patience = Promise.withResolvers<void>()
  const timer = setTimeout(patience.resolve, END_MS)
  await Promise.race([browser.close().catch(() => undefined), patience.promise])
  clearTimeout(timer)
  if (process?.exitCode === null) process.kill('SIGKILL')
}
