import type {
  BackstageCredentials,
  BackstageUserPrincipal,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError, NotFoundError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { mcpPortalCredentialsManagePermission } from '@prompt-corner/plugin-mcp-portal-common';
import express, { Request } from 'express';
import Router from 'express-promise-router';
import { z } from 'zod';
import {
  type Credentials,
  parseSettings,
  type UpstreamServer,
  withoutSecrets,
} from '../credentials';
import { FlowCookie } from './FlowCookie';
import { parsed } from './parsed';

type UserCredentials = BackstageCredentials<BackstageUserPrincipal>;

const connectSchema = z.strictObject({
  /** Of the link that an agent showed. */
  request: z.uuid().optional(),
});

const flowSchema = z.string().regex(/^[0-9a-f]{64}$/, 'is no id of a flow');

const noStore: express.RequestHandler = (_request, response, next) => {
  response.set('cache-control', 'no-store');
  next();
};

/**
 * How users and administrators look after credentials:
 *
 * - `GET /credentials`: the user's connections, without any token
 * - `POST /credentials/:server/connect`: begins one; answers with where to send the browser
 * - `POST /credential-flows/:flow/finish`: ends it, for the user and browser that began it
 * - `DELETE /credentials/:server`: disconnects
 * - `GET /admin/credentials`, `PUT` and `DELETE /admin/credentials/:server`: how
 *   the portal signs in at servers; secrets are written only
 * - `DELETE /admin/credentials/:server/connections`: disconnects all users
 */
export function createCredentialsRouter(options: {
  credentials: Pick<Credentials, 'connections' | 'settings'>;
  /** External base URL of the plugin. */
  baseUrl: string;
  /** Servers that are approved and that a user may see. */
  serversOf: (credentials: UserCredentials) => Promise<UpstreamServer[]>;
  /** All servers that are known, approved or not. */
  servers: () => Promise<UpstreamServer[]>;
  /** Called once a user has connected a server that an agent asked for. */
  onConnected?: (elicitationId: string) => void;
  principalOf: (credentials: UserCredentials) => Promise<{ uuid: string }>;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  /** Whether permissions are decided by a policy at all. */
  permissionsEnabled: boolean;
}): express.Router {
  const { serversOf, principalOf, httpAuth, permissions } = options;
  const { connections, settings } = options.credentials;
  const cookie = new FlowCookie(options.baseUrl);

  async function userOf(request: Request) {
    const credentials = await httpAuth.credentials(request, {
      allow: ['user'],
    });
    return { credentials, ...(await principalOf(credentials)) };
  }

  /** @returns UUID of the administrator @throws NotAllowedError without the permission */
  async function administratorOf(request: Request): Promise<string> {
    const { credentials, uuid } = await userOf(request);
    if (!options.permissionsEnabled) {
      // Backstage allows everything then, to everybody.
      throw new NotAllowedError(
        'Setting credentials of servers needs permission.enabled and a policy',
      );
    }
    const permission = mcpPortalCredentialsManagePermission;
    const [decision] = await permissions.authorize([{ permission }], {
      credentials,
    });
    if (decision.result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError(`This needs the permission ${permission.name}`);
    }
    return uuid;
  }

  const router = Router();
  router.use(
    ['/credentials', '/credential-flows', '/admin/credentials'],
    noStore,
    express.json({ limit: '256kb' }),
  );

  router.get('/credentials', async (request, response) => {
    const { credentials, uuid } = await userOf(request);
    const visible = await serversOf(credentials);
    response.json({ items: await connections.list(uuid, visible) });
  });

  router.post('/credentials/:server/connect', async (request, response) => {
    const { credentials, uuid } = await userOf(request);
    const body = parsed(connectSchema, request.body ?? {});
    const server = find(await serversOf(credentials), request.params.server);
    const started = await connections.start(uuid, server, body.request);
    cookie.set(response, started.flowId, started.browser);
    response.json({
      authorizationUrl: started.authorizationUrl,
      flow: started.flowId,
    });
  });

  router.post('/credential-flows/:flow/finish', async (request, response) => {
    const { uuid } = await userOf(request);
    const flow = parsed(flowSchema, request.params.flow);
    const browser = cookie.read(request, flow);
    const { server, elicitationId } = await connections.finish(
      flow,
      uuid,
      browser,
    );
    cookie.clear(response, flow);
    if (elicitationId) {
      options.onConnected?.(elicitationId);
    }
    response.json({ server });
  });

  router.delete('/credentials/:server', async (request, response) => {
    const { uuid } = await userOf(request);
    // Of servers that are gone or not visible any more as well.
    const own = await connections.list(uuid, await options.servers());
    const { server } = request.params;
    const connection = own.find(
      item => item.name === server || item.server === server,
    );
    if (!connection) {
      throw new NotFoundError('You have no connection with this server');
    }
    await connections.end({ user: uuid, server: connection.server });
    response.status(204).end();
  });

  router.get('/admin/credentials', async (request, response) => {
    await administratorOf(request);
    const servers = await options.servers();
    response.json({
      items: servers.map(server => {
        const { settings: current, ...about } = settings.of(server);
        return {
          server: server.entityRef,
          name: server.name,
          settings: withoutSecrets(current),
          source: about.source,
          updatedAt: about.updatedAt,
          updatedBy: about.updatedBy,
        };
      }),
    });
  });

  router.put('/admin/credentials/:server', async (request, response) => {
    const administrator = await administratorOf(request);
    const server = find(await options.servers(), request.params.server);
    // All of it at once, secrets included: what was there is never sent to where a new setting says.
    const wanted = parseSettings(request.body, 'settings');
    await settings.set(server, wanted, administrator);
    response.json({ settings: withoutSecrets(wanted) });
  });

  router.delete('/admin/credentials/:server', async (request, response) => {
    await administratorOf(request);
    const server = find(await options.servers(), request.params.server);
    await settings.delete(server);
    response.status(204).end();
  });

  router.delete(
    '/admin/credentials/:server/connections',
    async (request, response) => {
      await administratorOf(request);
      const server = find(await options.servers(), request.params.server);
      const ended = await connections.end({ server: server.entityRef });
      response.json({ ended });
    },
  );
  return router;
}

/** @throws NotFoundError */
function find(servers: UpstreamServer[], name: string): UpstreamServer {
  const server = servers.find(known => known.name === name);
  if (!server) {
    throw new NotFoundError('There is no such server');
  }
  return server;
}
