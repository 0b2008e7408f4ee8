import express from 'express';
import Router from 'express-promise-router';
import type { AuthorizationServer } from '../authorizationServer/AuthorizationServer';
import type { BackstageSignIn } from '../backstageSessions/BackstageSignIn';
import { anonymousLimits } from './anonymousLimits';
import { createAdminRouter } from './admin';
import { createClaudeCodeRouter } from './claudeCode';
import { createConnectionsRouter } from './connections';
import { createDeviceCodesRouter } from './deviceCodes';
import { createInteractionsRouter } from './interactions';
import { createInternalRouter } from './internal';
import { createLoginRouter } from './login';
import { createPersonalTokensRouter } from './personalTokens';

/** Where the plugin describes itself as a client of Backstage's auth backend. */
export const CLIENT_DOCUMENT_PATH = '/.well-known/oauth-client/backstage.json';

/** Routes that authenticate by themselves, or are for everybody. */
export const PUBLIC_PATHS = [
  '/.well-known',
  '/claude-code',
  '/device',
  '/interactions',
  '/login.sh',
  '/login.ps1',
  '/oauth',
];

type Options = Parameters<typeof createAdminRouter>[0] &
  Parameters<typeof createClaudeCodeRouter>[0] &
  Parameters<typeof createConnectionsRouter>[0] &
  Parameters<typeof createDeviceCodesRouter>[0] &
  Parameters<typeof createInteractionsRouter>[0] &
  Parameters<typeof createInternalRouter>[0] &
  Parameters<typeof createLoginRouter>[0] &
  Parameters<typeof createPersonalTokensRouter>[0] & {
    server: AuthorizationServer;
    signIn: BackstageSignIn;
  };

/** All routes of the plugin, below `/api/agent-auth`. */
export function createRouter(options: Options): express.Router {
  const { server, signIn, appUrl } = options;
  const router = Router();
  router.use(anonymousLimits());
  router.use('/interactions', createInteractionsRouter(options));
  router.use('/device-codes', createDeviceCodesRouter(options));
  router.use('/connections', createConnectionsRouter(options));
  router.use('/personal-tokens', createPersonalTokensRouter(options));
  router.use('/admin', createAdminRouter(options));
  router.use('/internal', createInternalRouter(options));
  router.use('/claude-code', createClaudeCodeRouter(options));
  router.use(createLoginRouter(options));

  router.get(CLIENT_DOCUMENT_PATH, (_request, response) => {
    response.json(signIn.clientDocument());
  });
  router.get('/device', (request, response) => {
    const page = new URL('agent-auth/device', `${appUrl}/`);
    const { user_code: userCode } = request.query;
    if (typeof userCode === 'string') {
      page.searchParams.set('user_code', userCode);
    }
    response.redirect(303, page.href);
  });

  const handle = server.handler();
  router.use((request, response, next) => {
    if (/^\/(?:oauth|\.well-known)\//.test(request.path)) {
      handle(request, response, next);
      return;
    }
    next();
  });
  return router;
}
