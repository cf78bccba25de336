import { read } from './read';
import { validate } from './validate';

/** The commands by name; each is given its arguments, prints to standard output and returns the exit status. */
const COMMANDS = new Map<string, (args: readonly string[]) => Promise<number>>([
  ['validate', args => validate(args)],
  ['read', args => read(args)]
]);

/** Runs one command. Wrong usage goes to standard error and is exit status 2. */
export async function main(args: readonly string[]): Promise<number> {
  const command = COMMANDS.get(args[0] ?? '');
  if (!command) {
    console.error(`Usage: npm run -s ${[...COMMANDS.keys()].join('|')} -- <path or URL>...`);
    return 2;
  }
  return command(args.slice(1));
}
