//
// Owns: how a rule between keys says that it is broken.

export interface BrokenRule {
  /** The one that is to be changed. */
  readonly key: string
  readonly say: string
}
