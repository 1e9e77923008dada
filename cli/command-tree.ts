//
// Owns: the commands as plain values, read from commander's own tree: what completions and the manual are made of, so
// that neither can be out of date.

import type { Argument, Command, Option } from 'commander'

export interface Flag {
  readonly flags: string
  readonly short: string | null
  readonly long: string | null
  readonly says: string
  readonly takesValue: boolean
  readonly choices: readonly string[]
}

export interface Verb {
  /** Without the name of the program: `domain add`; empty for the program itself. */
  readonly path: readonly string[]
  readonly says: string
  readonly usage: string
  readonly flags: readonly Flag[]
  readonly arguments: readonly { readonly name: string; readonly says: string }[]
  readonly verbs: readonly Verb[]
}

export function treeOf(command: Command, path: readonly string[] = []): Verb {
  const help = command.createHelp()
  return {
    path,
    says: command.description(),
    usage: command.usage(),
    flags: help.visibleOptions(command).map(flagOf),
    arguments: command.registeredArguments.map((argument: Argument) => ({
      name: argument.name(),
      says: argument.description,
    })),
    verbs: help
      .visibleCommands(command)
      .filter((inner) => inner.name() !== 'help')
      .map((inner) => treeOf(inner, [...path, inner.name()])),
  }
}

/** The verb itself, then everything below it, in the order of the help. */
export const flat = (verb: Verb): readonly Verb[] => [verb, ...verb.verbs.flatMap(flat)]

const flagOf = (option: Option): Flag => ({
  flags: option.flags,
  short: option.short ?? null,
  long: option.long ?? null,
  says: option.description,
  takesValue: option.required || option.optional,
  choices: option.argChoices ?? [],
})
