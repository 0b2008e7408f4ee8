import type { LoggerService } from '@backstage/backend-plugin-api';
import { isError } from '@backstage/errors';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, type McpServer } from '@modelcontextprotocol/server';
import type express from 'express';
import Router from 'express-promise-router';
import type { Admission } from './admission';

/**
 * Serves an MCP server by Streamable HTTP, without sessions.
 *
 * @param options.createServer - makes it for one request; gets the UUID of who is calling, if it is told
 */
export function createServerRouter(options: {
  admit: Admission;
  createServer: (caller: string | undefined) => McpServer;
  logger: LoggerService;
}): express.Router {
  const { admit, createServer, logger } = options;
  const onerror = (error: Error) =>
    logger.debug(`MCP request refused: ${error.message}`);
  const serve = toNodeHandler(
    createMcpHandler(({ authInfo }) => createServer(authInfo?.clientId), {
      onerror,
    }),
    { onerror },
  );

  const router = Router();
  router.all('/', async (request, response) => {
    const admitted = await admissionOf(request);
    if (!admitted) {
      response.status(401).set('www-authenticate', 'Bearer').json({
        error: 'Only the MCP portal is let in here',
      });
      return;
    }
    const { caller } = admitted;
    const auth = caller
      ? { token: '', clientId: caller, scopes: [] }
      : undefined;
    await serve(Object.assign(request, { auth }), response);
  });
  return router;

  async function admissionOf(request: express.Request) {
    try {
      return { caller: await admit(request.headers) };
    } catch (error) {
      if (isError(error) && error.name === 'AuthenticationError') {
        logger.debug(`MCP request refused: ${error.message}`);
        return undefined;
      }
      throw error;
    }
  }
}
