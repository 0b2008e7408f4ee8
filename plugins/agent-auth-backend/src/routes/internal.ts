import type {
  AuthService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import {
  AuthenticationError,
  NotAllowedError,
  NotFoundError,
} from '@backstage/errors';
import { resourceTypes } from '@prompt-corner/plugin-agent-auth-common';
import express, { Request } from 'express';
import Router from 'express-promise-router';
import type { BackstageSessions } from '../backstageSessions/BackstageSessions';
import type { AuditTrail } from '../auditTrail/AuditTrail';
import type { Connections } from '../connections';
import type { Principals } from '../principals';
import type { Residents } from '../residents/Residents';
import type { Revocations } from '../revocations/Revocations';
import type { TokenIntrospection } from '../tokens';
import {
  credentialsSchema,
  introspectionSchema,
  presencesSchema,
  principalSchema,
  revocationsSchema,
  usesSchema,
} from './bodies';
import { parsed } from './parsed';

/** Plugins ask again after this time at the latest, so that what ended meanwhile is noticed. */
const CREDENTIALS_MS = 10 * 60_000;

/** What other plugins of the backend ask, by way of `agentAuthServiceRef`. */
export function createInternalRouter(options: {
  auth: AuthService;
  httpAuth: HttpAuthService;
  introspection: TokenIntrospection;
  revocations: Revocations;
  connections: Connections;
  residents: Residents;
  sessions: BackstageSessions;
  principals: Principals;
  audit: AuditTrail;
}): express.Router {
  const { auth, httpAuth, connections, residents, sessions } = options;
  const { principals, audit } = options;

  /** Only plugins of this backend; not services with static or other external tokens. */
  async function pluginOf(request: Request): Promise<string> {
    const { principal } = await httpAuth.credentials(request, {
      allow: ['service'],
    });
    const pluginId = principal.subject.match(/^plugin:(.+)$/)?.[1];
    if (!pluginId) {
      throw new NotAllowedError('Only plugins of this backend may ask');
    }
    return pluginId;
  }

  const router = Router();
  router.use(express.json({ limit: '256kb' }));

  router.post('/tokens/introspect', async (request, response) => {
    await pluginOf(request);
    const { hashes } = parsed(introspectionSchema, request.body);
    response.json(await options.introspection.introspect(hashes));
  });

  router.get('/revocations', async (request, response) => {
    await pluginOf(request);
    const { after } = parsed(revocationsSchema, request.query);
    response.json(await options.revocations.since(after));
  });

  router.post('/credentials', async (request, response) => {
    const pluginId = await pluginOf(request);
    const { connectionId } = parsed(credentialsSchema, request.body);
    const connection = await connections.store.get(connectionId);
    if (
      !connection ||
      connection.revokedAt ||
      Date.parse(connection.expiresAt) <= Date.now()
    ) {
      throw new NotFoundError('There is no such connection any more');
    }
    const isFor = connection.resources.some(
      ({ kind }) =>
        resourceTypes.find(type => type.kind === kind)?.pluginId === pluginId,
    );
    if (!isFor) {
      throw new NotAllowedError(
        `The connection is not one to the plugin ${pluginId}`,
      );
    }
    const resident = await residents.find(connection.principal);
    if (resident?.kind !== 'user') {
      throw new AuthenticationError('The user is no longer in the catalog');
    }
    const { credentials, expiresAt } = await sessions.credentialsOf(
      connection.principal,
    );
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: credentials,
      targetPluginId: pluginId,
    });
    response.json({
      token,
      expiresAt: Math.min(expiresAt, Date.now() + CREDENTIALS_MS),
    });
  });

  router.post('/principals', async (request, response) => {
    const pluginId = await pluginOf(request);
    const { entityRef, uuid } = parsed(principalSchema, request.body);
    if (uuid !== undefined) {
      await audit.record('principal-resolve', {
        uuids: [uuid],
        purpose: 'notification',
        plugin: pluginId,
      });
    }
    const [known] =
      uuid === undefined
        ? [{ kind: 'user' as const, entityRef: entityRef?.toLowerCase() }]
        : await principals.find([uuid]);
    const resident =
      known?.entityRef === undefined
        ? undefined
        : await residents.admit(known.kind, known.entityRef);
    if (!resident) {
      throw new NotFoundError('Nobody in the catalog is it');
    }
    response.json({
      uuid: resident.uuid,
      entityRef: resident.entityRef,
      teams: resident.teams,
    });
  });

  router.post('/presences', async (request, response) => {
    await pluginOf(request);
    const { uuids } = parsed(presencesSchema, request.body);
    await residents.prefetch(uuids);
    const found = await Promise.all(uuids.map(uuid => residents.find(uuid)));
    response.json({ present: uuids.filter((_, index) => found[index]) });
  });

  router.post('/uses', async (request, response) => {
    await pluginOf(request);
    const { uses } = parsed(usesSchema, request.body);
    await connections.store.recordUses(
      uses.map(use => ({ ...use, at: new Date(use.at) })),
    );
    response.status(204).end();
  });
  return router;
}
