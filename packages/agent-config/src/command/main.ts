/* eslint-disable no-console */
import { compileAgentConfig } from '../compile';
import { readDirectory } from '../directory';
import { formatProblem } from '../sources';

// Compiles a directory of sources: prints the configuration as JSON, or all problems, and ends
// with 1 then.
async function main([directory]: string[]): Promise<number> {
  if (!directory) {
    console.error('Which directory? compile <directory>');
    return 2;
  }
  const compiled = compileAgentConfig(await readDirectory(directory));
  if (compiled.ok) {
    console.log(JSON.stringify(compiled.config, null, 2));
    return 0;
  }
  console.error(compiled.problems.map(formatProblem).join('\n'));
  return 1;
}

main(process.argv.slice(2)).then(
  code => {
    process.exitCode = code;
  },
  error => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
