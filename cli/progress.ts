//
// Owns: one line that tells a person at a terminal how far long work has come, and how quickly it goes.
// Never: writes where nobody sits; files and pipes get results alone.

export interface Progress {
  /** Null where octets are counted alone, as of a file. */
  readonly rows: number | null
  /** What it is about, where one thing comes after another. */
  readonly at?: string
  /** Octets read, and those of the whole; null where nobody knows the whole, as of a pipe. */
  readonly octets: number
  readonly size: number | null
  /** Milliseconds since the beginning. */
  readonly elapsed: number
}

const WIDTH = 24

export function progressLine({ rows, at, octets, size, elapsed }: Progress): string {
  const about = at === undefined ? '' : `${at}: `
  const counted = about + (rows === null ? megabytes(octets) : `${rows.toLocaleString('en')} rows`)
  const perSecond = elapsed <= 0 ? null : ((rows ?? octets) * 1000) / elapsed
  const pace =
    perSecond === null ? '' : `, ${rows === null ? megabytes(perSecond) : whole(perSecond)} a second`
  if (size === null) return counted + pace
  if (size <= 0) return rows === null ? `${about}…` : counted + pace
  const share = Math.min(1, octets / size)
  const full = Math.floor(share * WIDTH)
  const bar = `[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}]`
  return `${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${counted}${pace}`
}

const whole = (count: number): string => Math.round(count).toLocaleString('en')
const megabytes = (octets: number): string => `${(octets / 1e6).toFixed(1)} MB`

/** A few times a second: more would cost more than it tells. */
const EVERY = 200

export interface Told {
  show(progress: Omit<Progress, 'elapsed'>): void
  end(): void
}

export function progressOn(stream: NodeJS.WriteStream, now: () => number): Told {
  if (stream.isTTY !== true) return { show: () => undefined, end: () => undefined }
  let begun = now()
  let shownAt = Number.NEGATIVE_INFINITY
  let shownOf: string | undefined
  return {
    show(progress) {
      const moment = now()
      // What comes next may be silent for long.
      if (moment - shownAt < EVERY && progress.at === shownOf) return
      shownAt = moment
      if (progress.at !== shownOf) begun = moment
      shownOf = progress.at
      stream.write(`\r\x1b[K${progressLine({ ...progress, elapsed: moment - begun })}`)
    },
    end: () => void stream.write('\r\x1b[K'),
  }
}
