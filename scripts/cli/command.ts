/** What all commands have in common: `--json`, `--help` with examples and exit codes, and how they end. */
import { Command } from 'commander';
import { endWithTheReader } from '#src/start/brokenPipe.js';
import { exitCodeOf, exitCodes } from './exitCodes.js';

const codesInWords = Object.entries(exitCodes)
  .map(([what, code]) => `${code} ${what}`)
  .join(', ');

/**
 * A program with `--json`, also for its subcommands.
 * @param name what comes after `npm run`
 * @param description one sentence
 */
export const createProgram = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .option('--json', 'answer with JSON on standard output')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help for what this command takes)')
    .exitOverride()
    .addHelpText('afterAll', `\nExit codes: ${codesInWords}`);

/** Adds examples to the help of a command, each as it is typed. */
export const withExamples = (command: Command, ...examples: readonly string[]): Command =>
  command.addHelpText('after', ['', 'Examples:', ...examples.map((line) => `  ${line}`)].join('\n'));

/** What a command has to say. */
export interface Answer {
  /** For people. */
  readonly text: readonly string[];
  /** For programs, with `--json`. */
  readonly json: unknown;
}

/** Whether a command was called with `--json`. */
export const wantsJson = (command: Command): boolean => command.optsWithGlobals().json === true;

/** Says on standard output what came of a command. */
export function say(command: Command, { text, json }: Answer): void {
  const lines = wantsJson(command) ? [JSON.stringify(json, null, 2)] : text;
  for (const line of lines) console.log(line);
}

/** Carries out what the command line says; the process's exit code says how it went. */
export async function run(program: Command): Promise<void> {
  endWithTheReader();
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}
