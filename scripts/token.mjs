import { parseArgs } from 'node:util';
import { demoSettings } from './lib/demo.mjs';
import { fetchPersonas } from './lib/personas.mjs';
import { signIn } from './lib/signIn.mjs';
import { StepError, runMain } from './lib/step.mjs';

const USAGE = 'npm run --silent token -- <persona> [--url <base URL>]';

// Prints nothing but the token on stdout, so that it can be used in a command substitution.
await runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { url: { type: 'string' } },
  });
  const url = values.url ?? demoSettings().url;
  const personas = await fetchPersonas(url).catch(error => {
    throw new StepError(`No demo portal answers at ${url}.`, {
      hint: `Start it with: npm start\n(${
        error.cause?.message ?? error.message
      })`,
    });
  });

  const [persona] = positionals;
  if (!personas.some(({ id }) => id === persona)) {
    throw new StepError(
      persona ? `There is no persona '${persona}'.` : `Usage: ${USAGE}`,
      {
        hint: `Personas:\n${personas
          .map(({ id, name, role }) => `  ${id.padEnd(8)} ${name}, ${role}`)
          .join('\n')}`,
      },
    );
  }
  const { token } = await signIn(url, persona).catch(error => {
    throw new StepError(error.message);
  });
  process.stdout.write(`${token}\n`);
});
