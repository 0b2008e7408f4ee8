/**
 * Reads a number from the command line.
 *
 * @param option - its name, for the message
 * @throws Error when it is not above 0
 */
export function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) {
    throw new Error(`--${option} must be a number above 0, not "${text}"`);
  }
  return value;
}

/**
 * Reads a number of things from the command line.
 *
 * @param option - its name, for the message
 * @throws Error when it is not a whole number above 0
 */
export function count(option: string, text: string): number {
  const value = positive(option, text);
  if (!Number.isInteger(value)) {
    throw new Error(`--${option} must be a whole number, not "${text}"`);
  }
  return value;
}

/**
 * Reads a choice from the command line, separated by commas.
 *
 * @param text - undefined for all
 * @returns what was chosen, in the order of `all`
 * @throws Error when it has something else
 */
export function choose<T extends string>(
  option: string,
  text: string | undefined,
  all: T[],
): T[] {
  const wanted = text?.split(',') ?? all;
  const unknown = wanted.find(each => !all.includes(each as T));
  if (unknown !== undefined) {
    throw new Error(
      `--${option} knows no "${unknown}"; there are ${all.join(', ')}`,
    );
  }
  return all.filter(each => wanted.includes(each));
}

/**
 * Runs a command: reads its options, and says how it is used when they are
 * wrong (exit code 2) or `--help` is among them.
 *
 * @param command.readOptions - returns undefined for `--help`; throws what is wrong
 */
export function runCommand<Options>(command: {
  usage: string;
  readOptions(): Options | undefined;
  run(options: Options): Promise<void>;
}): void {
  let options: Options | undefined;
  try {
    options = command.readOptions();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${command.usage}`);
    process.exitCode = 2;
    return;
  }
  if (!options) {
    process.stdout.write(command.usage);
    return;
  }
  command.run(options).catch(error => {
    process.stderr.write(`${error.stack ?? error}\n`);
    process.exitCode = 1;
  });
}
