//
// Owns: what is made when it is asked for first: a start and a command pay for what they use.

/** Whoever asks again gets the same; a maker that throws is asked again. */
export function once<T>(make: () => T): () => T {
  let made: { readonly it: T } | null = null
  return () => {
    made ??= { it: make() }
    return made.it
  }
}
