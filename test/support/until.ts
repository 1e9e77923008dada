//
// Owns: waiting for a condition instead of for a time; bounded, so that what never comes is a failure with a name.

const PATIENCE_MS = 20_000

export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`)
    await new Promise((done) => setTimeout(done, 1))
  }
}
