//
// Owns: the entry point of the thread that builds templates: MJML and CSS inlining take milliseconds for an honest page
// and as long as they like for one that was made to take them; neither may hold the thread that serves (T15).

import { parentPort } from 'node:worker_threads'
import { answerTo, type BuildAsk } from './building.ts'

const port = parentPort
if (port === null) throw new Error('building-thread.ts is for threads that the workshop starts')

port.on('message', (ask: BuildAsk) => {
  void answerTo(ask).then((answer) => port.postMessage(answer))
})
