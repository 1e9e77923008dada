//
// Owns: one line that tells a person at a terminal how far long work has come, and how quickly it goes.
// Never: writes where nobody sits; files and pipes get results alone.

export interface Progress {
  readonly rows: number
  /** Octets read, and those of the whole; null where nobody knows the whole, as of a pipe. */
  readonly octets: number
  readonly size: number | null
  /** Milliseconds since the beginning. */
  readonly elapsed: number
}

const WIDTH = 24

export function progressLine({ rows, octets, size, elapsed }: Progress): string {
  const counted = `${rows.toLocaleString('en')} rows`
  const pace = elapsed <= 0 ? '' : `, ${Math.round((rows * 1000) / elapsed).toLocaleString('en')} a second`
  if (size === null || size <= 0) return counted + pace
  const share = Math.min(1, octets / size)
  const full = Math.floor(share * WIDTH)
  const bar = `[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}]`
  return `${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${counted}${pace}`
}

/** A few times a second: more would cost more than it tells. */
const EVERY = 200

export interface Told {
  show(progress: Omit<Progress, 'elapsed'>): void
  end(): void
}

export function progressOn(stream: NodeJS.WriteStream, now: () => number): Told {
  if (stream.isTTY !== true) return { show: () => undefined, end: () => undefined }
  const begun = now()
  let shownAt = Number.NEGATIVE_INFINITY
  return {
    show(progress) {
      const at = now()
      if (at - shownAt < EVERY) return
      shownAt = at
      stream.write(`\r\x1b[K${progressLine({ ...progress, elapsed: at - begun })}`)
    },
    end: () => void stream.write('\r\x1b[K'),
  }
}
