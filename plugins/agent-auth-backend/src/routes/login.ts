import express from 'express';
import Router from 'express-promise-router';
import { LOGIN_CLIENT_ID } from '../clients/builtInClients';

import { renderLoginScript } from '../login';
import type { AgentResources } from '../resources/AgentResources';

/** Scripts by which a coding tool signs a user in with nothing installed. */
export function createLoginRouter(options: {
  resources: AgentResources;
  issuer: string;
}): express.Router {
  const { resources, issuer } = options;
  const router = Router();
  for (const shell of ['sh', 'ps1'] as const) {
    router.get(`/login.${shell}`, (request, response) => {
      const { resource } = request.query;
      const target =
        typeof resource === 'string'
          ? resources.find(resource)
          : resources.of('proxy');
      if (!target) {
        response
          .status(400)
          .type('text/plain')
          .send('There is no such resource here\n');
        return;
      }
      response
        .type('text/plain')
        .set('cache-control', 'no-store')
        .send(
          renderLoginScript(shell, {
            issuer,
            resource: target.audience,
            scope: target.type.scopes.map(({ name }) => name).join(' '),
            clientId: LOGIN_CLIENT_ID,
          }),
        );
    });
  }
  return router;
}
