//
// Owns: the time that a reply names for coming back: "greylisted for 300 seconds", "try again in 5 minutes". Pure.
// Never: whether it is kept to (retry.ts).

import { HOUR, MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'

/** Beyond this nobody names a time. */
const LOOKED_AT = 600

/** What says that the number is a wait, and not "100 messages in 60 minutes". Every repetition has a bound. */
const LEAD =
  '(?:retry|again|wait|come back|back in|return|greylist\\w{0,4}|graylist\\w{0,4}|delay\\w{0,4}|defer\\w{0,4})'
const NAMED = new RegExp(
  `${LEAD}[^.;\\d]{0,40}(\\d{1,6})\\s?(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)\\b`,
  'i',
)
const CLOCK = new RegExp(`${LEAD}[^.;\\d]{0,40}(\\d{1,2}):(\\d{2}):(\\d{2})\\b`, 'i')
const RETRY_AFTER = /retry-after[:= ]{1,3}(\d{1,6})\b/i

const UNIT: Readonly<Record<string, Milliseconds>> = { s: SECOND, m: MINUTE, h: HOUR }

export function namedWait(text: string): Milliseconds | null {
  const words = text.slice(0, LOOKED_AT)
  const clock = CLOCK.exec(words)
  if (clock) {
    const [, hours = '', minutes = '', seconds = ''] = clock
    return Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * SECOND
  }
  const named = NAMED.exec(words)
  if (named) return Number(named[1]) * (UNIT[named[2]?.charAt(0).toLowerCase() ?? ''] ?? SECOND)
  const after = RETRY_AFTER.exec(words)
  return after ? Number(after[1]) * SECOND : null
}
