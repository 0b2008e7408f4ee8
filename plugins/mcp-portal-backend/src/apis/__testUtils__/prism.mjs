/**
 * A server that answers as an OpenAPI description says, in a process of its own.
 * Argument: path of the description. Prints its URL, and ends with its parent.
 */
import { createLogger } from '@stoplight/prism-core';
import { getHttpOperationsFromSpec } from '@stoplight/prism-http';
import { createServer } from '@stoplight/prism-http-server';

const operations = await getHttpOperationsFromSpec(process.argv[2]);
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
