//
// Owns: what is wrong with the source of a template, in words and with its place.

export interface SourceFault {
  /** The template, layout or partial in which it is; empty: the one that was given. */
  readonly piece: string
  /** Both counted from 1; 0 when it concerns the whole. */
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Thrown within this room, where a source is read deep inside of others; `buildTemplate` makes a result of it. */
export class SourceFaultError extends Error {
  readonly fault: SourceFault

  constructor(fault: SourceFault) {
    super(fault.message)
    this.fault = fault
  }
}
