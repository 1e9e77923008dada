// Owns: the serving thread's end of the side thread: numbered questions, answers by promise.

import type { FromSide, SideAsk, ToSide } from './side-thread.ts'
import { startThread } from './threads.ts'

export class Side {
  private readonly path: string
  private worker: Worker | null = null
  private readonly asked = new Map<number, (answer: FromSide) => void>()
  private last = 0

  constructor(path: string) {
    this.path = path
  }

  /** Rejects with what went wrong: nothing here has an expected fault. */
  ask(ask: SideAsk): Promise<unknown> {
    this.last += 1
    const number = this.last
    return new Promise((resolve, reject) => {
      this.asked.set(number, (answer) => {
        if (answer.fault === null) resolve(answer.value)
        else reject(new Error(answer.fault))
      })
      this.post({ kind: 'ask', number, ask })
    })
  }

  async close(): Promise<void> {
    // In the middle of something long it is cut off: that only reads. Otherwise it lets go of the file first.
    if (this.worker !== null && this.asked.size === 0) await this.ask({ what: 'close' })
    this.failAll('the store was closed')
    await this.worker?.terminate()
    this.worker = null
  }

  /** Started with the first question: a store that lives for one command needs none. */
  private post(message: ToSide): void {
    this.worker ??= this.started()
    this.worker.postMessage(message)
  }

  private started(): Worker {
    const worker = startThread('side-thread')
    worker.onmessage = (event: MessageEvent<FromSide>) => {
      const answer = event.data
      this.asked.get(answer.number)?.(answer)
      this.asked.delete(answer.number)
    }
    worker.onerror = (event) => {
      this.worker = null
      this.failAll(event.message)
    }
    worker.postMessage({ kind: 'open', path: this.path } satisfies ToSide)
    return worker
  }

  private failAll(fault: string): void {
    for (const [number, answer] of this.asked) answer({ number, value: null, fault })
    this.asked.clear()
  }
}
