/**
 * A server that answers as an OpenAPI description says, in a process of its own.
 * Arguments: where the packages of Prism are, path of the description. Prints its
 * URL, and ends with its parent.
 */
const { createRequire } = require('node:module');
const { join } = require('node:path');

const [folder, description] = process.argv.slice(2);
const requireThere = createRequire(join(folder, 'package.json'));
const { createLogger } = requireThere('@stoplight/prism-core');
const { getHttpOperationsFromSpec } = requireThere('@stoplight/prism-http');
const { createServer } = requireThere('@stoplight/prism-http-server');

async function main() {
  const operations = await getHttpOperationsFromSpec(description);
  const server = createServer(operations, {
    cors: false,
    components: { logger: createLogger('prism', { level: 'silent' }) },
    config: {
      mock: { dynamic: false },
      checkSecurity: true,
      validateRequest: true,
      validateResponse: false,
      errors: false,
      upstreamProxy: undefined,
      isProxy: false,
    },
  });
  process.stdout.write(`${await server.listen(0, '127.0.0.1')}\n`);
  process.stdin.resume().on('end', () => process.exit(0));
}

main();
