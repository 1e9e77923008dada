//
// Owns: where the threads' files are. In a compiled executable a worker is found by its path from the root of the
// build, and only if it was named there as an entry point of its own:
//   bun build --compile --root . cli/main.ts src/store/sqlite/writer-thread.ts src/store/sqlite/side-thread.ts

export type ThreadName = 'writer-thread' | 'side-thread'

export function startThread(name: ThreadName): Worker {
  const isCompiled = import.meta.url.includes('/$bunfs/')
  return new Worker(
    isCompiled ? `/$bunfs/root/src/store/sqlite/${name}.ts` : new URL(`./${name}.ts`, import.meta.url).href,
    // Its heap is collected earlier: what it holds is short-lived, and a small machine has several.
    { smol: true },
  )
}
