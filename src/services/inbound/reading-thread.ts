//
// Owns: the entry point of the thread that reads letters: what strangers send may be slow to read, and must not hold
// the thread that serves (T15, T16).

import { parentPort } from 'node:worker_threads'
import { collectSoon } from '../../core/give-back.ts'
import { answerTo } from './findings.ts'
import { handedOver, type ReadingAsk } from './reading.ts'

const port = parentPort
if (port === null) throw new Error('reading-thread.ts is for threads that the reader starts')

/** Ten times a large letter is garbage once it was read, and nothing here would collect it before the next one. */
const LARGE = 256 * 1024

port.on('message', (ask: ReadingAsk) => {
  void answerTo(ask).then((answer) => {
    port.postMessage(answer, handedOver(answer))
    if (ask.bytes.length > LARGE) setImmediate(collectSoon)
  })
})
