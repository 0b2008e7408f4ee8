import {
  clientExports,
  exportFor,
  type ExportedPortal,
} from '@prompt-corner/plugin-mcp-portal-common';
import express from 'express';
import Router from 'express-promise-router';
import type { PageUsers, UserCredentials } from './PageUsers';

/**
 * Configuration of clients for the portals that the user may enter:
 *
 * - `GET /exports`: for which clients there is one
 * - `GET /exports/:client`: the file
 */
export function createExportsRouter(options: {
  /** Those that a user may enter. */
  portalsFor: (user: UserCredentials) => Promise<readonly ExportedPortal[]>;
  users: PageUsers;
}): express.Router {
  const { portalsFor, users } = options;
  const router = Router();

  router.get('/exports', async (request, response) => {
    await users.of(request);
    response.json({ items: clientExports });
  });

  router.get('/exports/:client', async (request, response) => {
    const credentials = await users.of(request);
    const { content, contentType, fileName } = exportFor(
      request.params.client,
      await portalsFor(credentials),
    );
    response
      .attachment(fileName)
      // After the name, which would set the type by its ending.
      .type(contentType)
      .set('cache-control', 'no-store')
      .send(content);
  });
  return router;
}
