import type {
  BackstageCredentials,
  BackstageUserPrincipal,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import {
  clientExports,
  exportFor,
  type ExportedPortal,
} from '@prompt-corner/plugin-mcp-portal-common';
import express from 'express';
import Router from 'express-promise-router';

/**
 * Configuration of clients for the portals that the user may enter:
 *
 * - `GET /exports`: for which clients there is one
 * - `GET /exports/:client`: the file
 */
export function createExportsRouter(options: {
  /** Those that a user may enter. */
  portalsFor: (
    credentials: BackstageCredentials<BackstageUserPrincipal>,
  ) => Promise<readonly ExportedPortal[]>;
  httpAuth: HttpAuthService;
}): express.Router {
  const { portalsFor, httpAuth } = options;
  const router = Router();

  router.get('/exports', async (request, response) => {
    await httpAuth.credentials(request, { allow: ['user'] });
    response.json({ items: clientExports });
  });

  router.get('/exports/:client', async (request, response) => {
    const credentials = await httpAuth.credentials(request, {
      allow: ['user'],
    });
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
