// Owns: the serving thread's end of the side thread: numbered questions, answers by promise.

import type { FromSide, SideAsk, ToSide } from './side-thread.ts'
import { startThread } from './threads.ts'

export class Side {
  private readonly worker: Worker
  private readonly asked = new Map<number, (answer: FromSide) => void>()
  private last = 0

  constructor(path: string) {
    this.worker = startThread('side-thread')
    this.worker.onmessage = (event: MessageEvent<FromSide>) => {
      const answer = event.data
      this.asked.get(answer.number)?.(answer)
      this.asked.delete(answer.number)
    }
    this.worker.onerror = (event) => this.failAll(event.message)
    this.post({ kind: 'open', path })
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
    this.failAll('the store was closed')
    await this.worker.terminate()
  }

  private post(message: ToSide): void {
    this.worker.postMessage(message)
  }

  private failAll(fault: string): void {
    for (const [number, answer] of this.asked) answer({ number, value: null, fault })
    this.asked.clear()
  }
}
