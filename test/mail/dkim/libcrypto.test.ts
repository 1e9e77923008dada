import { describe, expect, test } from 'bun:test'
import { createPrivateKey } from 'node:crypto'
import { generateKey, prepareKey } from '../../../src/mail/dkim/key.ts'
import { openLibcrypto } from '../../../src/mail/dkim/libcrypto.ts'
import { publishedKey } from '../../support/dkim.ts'
import { testWith } from '../../support/system-part.ts'

const PART = 'libcrypto.so.3'
const library = openLibcrypto(null)
const rsa = await publishedKey('rsa-sha256', 'mw1r')

/** A stopwatch by which every other span is long: the first span of a round is libcrypto's. */
const spans = (theirs: number, ours: number): (() => number) => {
  let now = 0
  let reading = 0
  return () => {
    const step = reading++ % 3
    if (step === 1) now += theirs
    if (step === 2) now += ours
    return now
  }
}

describe('the accelerator', () => {
  testWith(PART, library.ok, 'signs as node:crypto does, again and again', () => {
    if (!library.ok) throw new Error(library.error)
    const quick = prepareKey(rsa.text, library.value)
    expect(quick.reason).toBeNull()
    expect(quick.engine).toBe('libcrypto')
    for (let size = 0; size < 300; size += 7) {
      const bytes = Buffer.alloc(size, size)
      expect(quick.sign(bytes).toString('hex')).toBe(rsa.prepared.sign(bytes).toString('hex'))
    }
  })

  testWith(PART, library.ok, 'an earlier signature stays as it was', () => {
    if (!library.ok) throw new Error(library.error)
    const quick = prepareKey(rsa.text, library.value)
    const first = quick.sign(Buffer.from('1'))
    const kept = first.toString('hex')
    quick.sign(Buffer.from('2'))
    expect(first.toString('hex')).toBe(kept)
  })

  testWith(PART, library.ok, 'many keys live beside each other', async () => {
    if (!library.ok) throw new Error(library.error)
    const all = await Promise.all(Array.from({ length: 4 }, () => publishedKey('rsa-sha256', 'mw1r')))
    const quick = all.map((key) => prepareKey(key.text, library.ok ? library.value : null))
    const bytes = Buffer.from('text')
    expect(quick.map((key) => key.sign(bytes).toString('hex'))).toEqual(
      all.map((key) => key.prepared.sign(bytes).toString('hex')),
    )
  })

  testWith(PART, library.ok, 'a key it cannot use gives a reason', async () => {
    if (!library.ok) throw new Error(library.error)
    const other = createPrivateKey((await generateKey('ed25519-sha256')).privateKey)
    expect(library.value.prepare(other)).toEqual({ reason: expect.any(String) })
  })

  testWith(PART, library.ok, 'is taken where the trial shows a gain, and only there', () => {
    const slower = openLibcrypto(spans(10, 10))
    const quicker = openLibcrypto(spans(6, 10))
    if (!slower.ok || !quicker.ok) throw new Error(PART)
    const declined = prepareKey(rsa.text, slower.value)
    expect(declined).toMatchObject({ engine: 'node', reason: 'it is not quicker on this CPU' })
    expect(declined.sign(Buffer.from('a'))).toEqual(rsa.prepared.sign(Buffer.from('a')))
    expect(prepareKey(rsa.text, slower.value).engine).toBe('node')
    expect(prepareKey(rsa.text, quicker.value)).toMatchObject({ engine: 'libcrypto', reason: null })
  })

  testWith(PART, library.ok, 'works in worker threads at once', async () => {
    const answers = await Promise.all([inWorker(), inWorker()])
    for (const answer of answers) {
      const want = Array.from({ length: 40 }, (_, at) =>
        rsa.prepared.sign(Buffer.alloc(at, at)).toString('hex'),
      )
      expect(answer).toEqual({ engine: 'libcrypto', signatures: want })
    }
  })

  test('a library that is not there is a reason, not a fault', () => {
    const missing = openLibcrypto(null, 'libcrypto-of-nowhere.so.3')
    expect(missing).toEqual({ ok: false, error: expect.stringContaining('libcrypto-of-nowhere.so.3') })
  })

  test('a library that is another one is a reason, not a fault', () => {
    expect(openLibcrypto(null, 'libc.so.6').ok).toBe(false)
  })
})

function inWorker(): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('../../support/sign-worker.ts', import.meta.url).href)
    worker.onmessage = (event: MessageEvent) => {
      resolve(event.data)
      worker.terminate()
    }
    worker.onerror = (event) => reject(new Error(event.message))
    worker.postMessage({ key: rsa.text, times: 40 })
  })
}
