import type { LoggerService } from '@backstage/backend-plugin-api';
import { stringifyError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import type {
  ClientCredentials,
  KoaContextWithOIDC,
  Provider,
} from 'oidc-provider';
import type { AuditTrail } from '../auditTrail/AuditTrail';
import type { Connections } from '../connections';

/**
 * Follows what the authorization server does by itself: records each token that
 * it issues or refuses, and ends a connection whose grant it revoked.
 */
export function auditProvider(
  provider: Provider,
  options: {
    audit: AuditTrail;
    connections: Connections;
    logger: LoggerService;
  },
): void {
  const { audit, connections, logger } = options;
  const inBackground = (work: Promise<unknown>) =>
    work.catch(error =>
      logger.error(
        `Could not follow the authorization server: ${stringifyError(error)}`,
      ),
    );

  provider.on('grant.success', context => {
    inBackground(audit.record('token-issue', metaOf(context)));
  });
  provider.on('grant.error', (context, error) => {
    if (error.message === 'authorization_pending') {
      return;
    }
    inBackground(
      audit.refusal(
        'token-refuse',
        metaOf(context),
        new Error(descriptionOf(error)),
      ),
    );
  });
  provider.on('grant.revoked', (context, grantId) => {
    // Besides the client itself, only a code or refresh token that comes a second time revokes a grant.
    const reused = context.oidc.route !== 'revocation';
    inBackground(
      connections.revoke(
        { ids: [grantId] },
        reused
          ? 'a code or refresh token was used twice'
          : 'revoked by the client',
      ),
    );
    inBackground(
      audit.record(reused ? 'token-reuse' : 'connection-revoke', {
        ...metaOf(context),
        connection: grantId,
      }),
    );
  });
  provider.on('client_credentials.destroyed', token => {
    inBackground(
      audit.record('token-revoke', {
        client: token.clientId,
        connection: connectionOf(token),
      } as JsonObject),
    );
  });
  const refused = (context: KoaContextWithOIDC, error: Error) => {
    inBackground(
      audit.refusal(
        'authorization-refuse',
        metaOf(context),
        new Error(descriptionOf(error)),
      ),
    );
  };
  provider.on('authorization.error', refused);
  provider.on('pushed_authorization_request.error', refused);
  provider.on('device_authorization.error', refused);
  provider.on('server_error', (_context, error) => {
    logger.error(`Authorization server: ${stringifyError(error)}`);
  });
}

function metaOf(context: KoaContextWithOIDC): JsonObject {
  const { client, entities, params } = context.oidc;
  const text = (value: unknown) =>
    typeof value === 'string' ? value : undefined;
  return {
    client: client?.clientId,
    connection: entities.Grant?.jti ?? connectionOf(entities.ClientCredentials),
    principal: entities.Account?.accountId,
    grantType: text(params?.grant_type),
    resource: text(
      entities.AccessToken?.aud ?? entities.ClientCredentials?.aud,
    ),
    address: context.ip,
  } as JsonObject;
}

/** Services have no grant; their tokens say the connection themselves. */
function connectionOf(
  token: ClientCredentials | undefined,
): string | undefined {
  return token?.extra?.connection as string | undefined;
}

function descriptionOf(error: Error): string {
  return (
    (error as { error_description?: string }).error_description ?? error.message
  );
}
