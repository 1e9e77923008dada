//
// Owns: when checkpoints run: each second, and at once when the WAL has grown by much. The side thread moves the bulk,
// then what came meanwhile, and only then is the writer asked for the little that is left.

import type { StoreOptions } from '../options.ts'
import { REST_FROM_PAGES } from './checkpoint.ts'
import type { Side } from './side.ts'

const EVERY_MS = 1000

export class Checkpoints {
  private readonly options: StoreOptions
  private readonly side: Side
  private cancel = (): void => undefined
  private finish = (): void => undefined
  private grown = 0
  private isRunning = false
  private isStopped = false
  /** Everything that was committed is in the file: until something grows there is nothing to do. */
  private isAllMoved = false

  constructor(options: StoreOptions, side: Side) {
    this.options = options
    this.side = side
  }

  /** `finish` asks the writer for the rest. */
  start(finish: () => void): void {
    this.finish = finish
    this.wait()
  }

  stop(): void {
    this.isStopped = true
    this.cancel()
  }

  grow(pages: number): void {
    this.grown += pages
    if (this.grown < REST_FROM_PAGES || this.isRunning || this.isStopped) return
    this.cancel()
    void this.run()
  }

  private wait(): void {
    this.cancel = this.options.clock.after(EVERY_MS, () => void this.run())
  }

  private async run(): Promise<void> {
    if (this.isAllMoved && this.grown === 0) return this.wait()
    this.isRunning = true
    this.grown = 0
    try {
      if ((await this.moved()) >= REST_FROM_PAGES) {
        await this.moved()
        this.finish()
      }
    } catch (error) {
      if (!this.isStopped) this.options.log.warn('checkpoint', { error: String(error) })
    }
    this.isRunning = false
    if (!this.isStopped) this.wait()
  }

  /** How many pages the WAL holds, all but the newest of them moved. */
  private async moved(): Promise<number> {
    const pages = (await this.side.ask({ what: 'checkpoint' })) as { log: number; checkpointed: number }
    this.isAllMoved = pages.log === pages.checkpointed
    return pages.log
  }
}
