import { claudeCodeMetadata } from '@prompt-corner/plugin-agent-auth-node';
import express, { Request, Response } from 'express';
import Router from 'express-promise-router';
import type { AuthorizationServer } from '../authorizationServer/AuthorizationServer';
import { oauthRoutes } from '../authorizationServer/createProvider';
import { CLAUDE_CODE_CLIENT_ID } from '../clients/builtInClients';
import type { AgentResources } from '../resources/AgentResources';

/**
 * The sign-in of Claude Code at a gateway. It is the device flow, but its
 * requests carry neither client id nor resource nor scope (read in version
 * 2.1.329, 2026-11-21), so those are added here.
 *
 * Claude Code looks for the metadata right below its base URL; whoever serves
 * that base URL answers with {@link claudeCodeMetadata}.
 */
export function createClaudeCodeRouter(options: {
  server: AuthorizationServer;
  resources: AgentResources;
  issuer: string;
}): express.Router {
  const { server, resources, issuer } = options;
  const { audience, type } = resources.of('proxy');
  const forward =
    (url: string, added: Record<string, string>) =>
    (request: Request, response: Response, next: express.NextFunction) => {
      const sent = request.body as Record<string, unknown>;
      request.body = {
        ...Object.fromEntries(
          [
            'grant_type',
            'device_code',
            'refresh_token',
            'token',
            'token_type_hint',
          ]
            .filter(name => typeof sent[name] === 'string')
            .map(name => [name, sent[name]]),
        ),
        client_id: CLAUDE_CODE_CLIENT_ID,
        ...added,
      };
      request.url = url;
      server.handler()(request, response, next);
    };

  const router = Router();
  router.use(express.urlencoded({ extended: false, limit: '16kb' }));
  router.get(
    '/.well-known/oauth-authorization-server',
    (_request, response) => {
      response.json(claudeCodeMetadata(issuer));
    },
  );
  router.post(
    '/oauth/device_authorization',
    forward(oauthRoutes.device_authorization, {
      resource: audience,
      scope: type.scopes.map(({ name }) => name).join(' '),
    }),
  );
  router.post('/oauth/token', forward(oauthRoutes.token, {}));
  router.post('/oauth/revoke', forward(oauthRoutes.revocation, {}));
  return router;
}
