import { parseArgs } from 'node:util';
import {
  agentResources,
  agentResourceScope,
  agentResourceUrl,
  agentSignIn,
} from './lib/agentSignIn.mjs';
import { demoSettings } from './lib/demo.mjs';
import { fetchPersonas } from './lib/personas.mjs';
import { signIn } from './lib/signIn.mjs';
import { StepError, runMain } from './lib/step.mjs';

/** The portal's own tokens, which its pages use; agents get none of them. */
const BACKSTAGE = 'backstage';

const PURPOSES = [...agentResources, BACKSTAGE];

const USAGE = `npm run --silent token -- <persona> [--for ${PURPOSES.join(
  '|',
)}] [--url <base URL>]`;

// Prints nothing but the token on stdout, so that it can be used in a command substitution.
await runMain(async () => {
  const { persona, purpose, url } = readArguments();
  const personas = await fetchPersonas(url).catch(error => {
    throw new StepError(`No demo portal answers at ${url}.`, {
      hint: `Start it with: npm start\n(${
        error.cause?.message ?? error.message
      })`,
    });
  });
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
  const token = await tokenFor(url, persona, purpose).catch(error => {
    throw new StepError(error.message);
  });
  process.stdout.write(`${token}\n`);
});

function readArguments() {
  const { values, positionals } = parse();
  const purpose = values.for ?? 'catalog';
  if (!PURPOSES.includes(purpose)) {
    throw new StepError(`There are no tokens for '${purpose}'.`, {
      hint: `Give one of these after --for: ${PURPOSES.join(', ')}`,
    });
  }
  const url = values.url ?? demoSettings().url;
  return { persona: positionals[0], purpose, url };
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { url: { type: 'string' }, for: { type: 'string' } },
    });
  } catch (error) {
    throw new StepError(error.message, { hint: `Usage: ${USAGE}` });
  }
}

async function tokenFor(url, persona, purpose) {
  const { token: userToken, idToken } = await signIn(url, persona);
  if (purpose === BACKSTAGE) {
    return userToken;
  }
  const { accessToken } = await agentSignIn(url, {
    resource: agentResourceUrl(url, purpose),
    scope: agentResourceScope(purpose),
    userToken,
    idToken,
  });
  return accessToken;
}
