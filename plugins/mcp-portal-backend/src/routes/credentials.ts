import { InputError, NotFoundError } from '@backstage/errors';
import { mcpPortalCredentialsManagePermission } from '@prompt-corner/plugin-mcp-portal-common';
import express, { Request } from 'express';
import Router from 'express-promise-router';
import { z } from 'zod';
import {
  type Credentials,
  type DescribedScope,
  parseSettings,
  type UpstreamServer,
  withoutSecrets,
} from '../credentials';
import type { DecisionRecords } from '../audit';
import { FlowCookie } from './FlowCookie';
import { noStore } from './noStore';
import type { PageUsers, UserCredentials } from './PageUsers';
import { parsed } from './parsed';

const connectSchema = z.strictObject({
  /** Of the link that an agent showed. */
  request: z.uuid().optional(),
  /** What the user chooses to grant, where the server says what there is. Nothing else is asked for. */
  scopes: z.array(z.string().max(200)).min(1).max(500).optional(),
});

const flowSchema = z.string().regex(/^[0-9a-f]{64}$/, 'is no id of a flow');

/**
 * How users and administrators look after credentials:
 *
 * - `GET /credentials`: the user's connections, without any token
 * - `GET /credentials/:server/scopes`: what the user can grant there, each by itself
 * - `POST /credentials/:server/connect`: begins one; answers with where to send the browser
 * - `POST /credential-flows/:flow/finish`: ends it, for the user and browser that began it
 * - `DELETE /credentials/:server`: disconnects
 * - `GET /admin/credentials`, `PUT` and `DELETE /admin/credentials/:server`: how
 *   the portal signs in at servers; secrets are written only
 * - `DELETE /admin/credentials/:server/connections`: disconnects all users
 */
export function createCredentialsRouter(options: {
  credentials: Pick<Credentials, 'connections' | 'settings'>;
  decisions: DecisionRecords;
  /** External base URL of the plugin. */
  baseUrl: string;
  /** Servers that a user may connect: approved ones, and those that wait for this user's decision. */
  serversOf: (credentials: UserCredentials) => Promise<UpstreamServer[]>;
  /** What can be granted at a server, as far as that says so: APIs do. */
  scopesOf: (server: UpstreamServer) => Promise<readonly DescribedScope[]>;
  /** All servers that are known, approved or not. */
  servers: () => Promise<UpstreamServer[]>;
  principalOf: (credentials: UserCredentials) => Promise<{ uuid: string }>;
  users: PageUsers;
}): express.Router {
  const { serversOf, principalOf, users, decisions } = options;
  const { connections, settings } = options.credentials;
  const cookie = new FlowCookie(options.baseUrl);

  async function userOf(request: Request) {
    const credentials = await users.of(request);
    return { credentials, ...(await principalOf(credentials)) };
  }

  /** @returns UUID of the administrator @throws NotAllowedError without the permission */
  async function administratorOf(request: Request): Promise<string> {
    const { credentials, uuid } = await userOf(request);
    await users.assertTrustedWith(
      credentials,
      mcpPortalCredentialsManagePermission,
    );
    return uuid;
  }

  const grantable = async (uuid: string, server: UpstreamServer) =>
    connections.scopes(uuid, server, await options.scopesOf(server));

  const record = (by: string, { name }: UpstreamServer, message: string) =>
    decisions.record(by, [{ action: 'credential', server: name, message }]);

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

  router.get('/credentials/:server/scopes', async (request, response) => {
    const { credentials, uuid } = await userOf(request);
    const server = find(await serversOf(credentials), request.params.server);
    response.json({ items: await grantable(uuid, server) });
  });

  router.post('/credentials/:server/connect', async (request, response) => {
    const { credentials, uuid } = await userOf(request);
    const body = parsed(connectSchema, request.body ?? {});
    const server = find(await serversOf(credentials), request.params.server);
    if (body.scopes) {
      assertOffered(body.scopes, await grantable(uuid, server));
    }
    const started = await connections.start(uuid, server, {
      requestId: body.request,
      scopes: body.scopes,
    });
    cookie.set(response, started.flowId, started.browser);
    response.json({
      authorizationUrl: started.authorizationUrl,
      flow: started.flowId,
    });
  });

  router.post('/credential-flows/:flow/finish', async (request, response) => {
    const { credentials, uuid } = await userOf(request);
    const flow = parsed(flowSchema, request.params.flow);
    const browser = cookie.read(request, flow);
    const server = await connections.finish(
      flow,
      uuid,
      browser,
      await serversOf(credentials),
    );
    cookie.clear(response, flow);
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
    decisions.assertAvailable();
    await settings.set(server, wanted, administrator);
    await record(
      administrator,
      server,
      `settings changed, mode ${wanted.mode}`,
    );
    response.json({ settings: withoutSecrets(wanted) });
  });

  router.delete('/admin/credentials/:server', async (request, response) => {
    const administrator = await administratorOf(request);
    const server = find(await options.servers(), request.params.server);
    decisions.assertAvailable();
    await settings.delete(server);
    await record(administrator, server, 'settings removed');
    response.status(204).end();
  });

  router.delete(
    '/admin/credentials/:server/connections',
    async (request, response) => {
      const administrator = await administratorOf(request);
      const server = find(await options.servers(), request.params.server);
      decisions.assertAvailable();
      const ended = await connections.end({ server: server.entityRef });
      await record(administrator, server, `connections ended: ${ended}`);
      response.json({ ended });
    },
  );
  return router;
}

/** @throws InputError */
function assertOffered(scopes: string[], offered: DescribedScope[]): void {
  const other = scopes.find(
    scope => !offered.some(({ name }) => name === scope),
  );
  if (other !== undefined) {
    throw new InputError(
      `${JSON.stringify(other)} is nothing that can be chosen for this server`,
    );
  }
}

/** @throws NotFoundError */
function find(servers: UpstreamServer[], name: string): UpstreamServer {
  const server = servers.find(known => known.name === name);
  if (!server) {
    throw new NotFoundError('There is no such server');
  }
  return server;
}
