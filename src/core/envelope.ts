import type { ForwardPath, ReversePath } from './address.ts'

/** RFC 5321 §2.3.1: who is told of trouble, and who shall get it. Headers do not matter here. */
export interface Envelope {
  readonly reversePath: ReversePath
  readonly forwardPaths: readonly ForwardPath[]
}
