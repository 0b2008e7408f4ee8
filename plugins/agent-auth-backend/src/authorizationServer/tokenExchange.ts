import { isError } from '@backstage/errors';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { AuditTrail } from '../auditTrail/AuditTrail';
import { EXCHANGE_CLIENT_ID } from '../clients/builtInClients';
import type { Connections } from '../connections';
import type { TrustedIssuers } from '../exchange';
import type { Residents } from '../residents/Residents';
import type { AgentResources } from '../resources/AgentResources';
import type { AccessTokens } from '../tokens';

/** Of one address; a runner that starts a job each second is within. */
const EXCHANGES_PER_MINUTE = 120;

const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';

const SUBJECT_TOKEN_TYPES = [
  'urn:ietf:params:oauth:token-type:jwt',
  'urn:ietf:params:oauth:token-type:id_token',
  ACCESS_TOKEN_TYPE,
];

/**
 * Exchanges the token of a trusted issuer, such as a CI system, for a short
 * token of a service (RFC 8693).
 */
export function createTokenExchange(options: {
  issuers: TrustedIssuers;
  tokens: AccessTokens;
  connections: Connections;
  residents: Residents;
  resources: AgentResources;
  audit: AuditTrail;
}) {
  const { issuers, tokens, connections, residents, resources, audit } = options;
  const attempts = new RateLimiterMemory({
    points: EXCHANGES_PER_MINUTE,
    duration: 60,
  });

  return async (context: KoaContextWithOIDC) => {
    const parameters = context.oidc.params ?? {};
    const text = (name: string) =>
      typeof parameters[name] === 'string'
        ? (parameters[name] as string)
        : undefined;
    const subjectToken = text('subject_token');
    if (
      !subjectToken ||
      !SUBJECT_TOKEN_TYPES.includes(text('subject_token_type') ?? '')
    ) {
      throw new errors.InvalidRequest(
        `send a JWT as subject_token, and its type as subject_token_type: ${SUBJECT_TOKEN_TYPES[0]}`,
      );
    }
    const requestedType = text('requested_token_type');
    if (requestedType && requestedType !== ACCESS_TOKEN_TYPE) {
      throw new errors.InvalidRequest(
        `requested_token_type can only be ${ACCESS_TOKEN_TYPE}`,
      );
    }
    if (context.get('dpop')) {
      throw new errors.InvalidRequest(
        'exchanged tokens cannot be bound to a key',
      );
    }
    // Before anything is verified, which takes more time than to ask for it.
    const overLimit = await attempts.consume(context.ip).then(
      () => false,
      () => true,
    );
    if (overLimit) {
      throw Object.assign(
        new errors.CustomOIDCProviderError(
          'temporarily_unavailable',
          'too many exchanges from this address; try again in a minute',
        ),
        { status: 429, statusCode: 429 },
      );
    }
    const exchange = async () => {
      const subject = await issuers.verify(subjectToken);
      const allowed = subject.resources.map(granted => ({
        resource: resources.of(granted.kind, granted.portal),
        scopes: granted.scopes,
      }));
      const indicator = text('resource') ?? text('audience');
      const wanted = indicator
        ? resources.find(indicator)?.audience
        : undefined;
      const target = indicator
        ? allowed.find(({ resource }) => resource.audience === wanted)
        : allowed[0];
      if (!target || (!indicator && allowed.length > 1)) {
        throw new errors.InvalidTarget(
          `name with the parameter "resource" one of: ${allowed
            .map(({ resource }) => resource.audience)
            .join(', ')}`,
        );
      }
      const requested = (text('scope') ?? '').split(' ').filter(Boolean);
      const beyond = requested.filter(scope => !target.scopes.includes(scope));
      if (beyond.length) {
        throw new errors.InvalidScope(
          'the rule that matches this token does not allow it',
          beyond.join(' '),
        );
      }
      const resident = await residents.admit('service', subject.entityRef);
      if (!resident) {
        throw new errors.InvalidGrant();
      }
      const scopes = requested.length ? requested : target.scopes;
      const connection = await connections.createOrExtend({
        name: `${subject.issuer}: ${subject.subject}`.slice(0, 200),
        principal: resident.uuid,
        client: {
          id: EXCHANGE_CLIENT_ID,
          name: subject.issuer,
          origin: 'registered',
        },
        grantType: 'token_exchange',
        resources: [
          {
            audience: target.resource.audience,
            kind: target.resource.type.kind,
            portal: target.resource.portal,
            scopes,
          },
        ],
        limits: {},
        claims: {},
        device: context.get('user-agent'),
        lifetimeSeconds: subject.lifetimeSeconds,
      });
      const { value, token } = await tokens.issue(
        connection,
        subject.lifetimeSeconds,
      );
      context.oidc.entity('AccessToken', token);
      const result = {
        access_token: value,
        issued_token_type: ACCESS_TOKEN_TYPE,
        token_type: 'Bearer',
        expires_in: token.expiration,
        scope: token.scope,
      };
      return {
        result,
        meta: {
          connection: connection.id,
          principal: resident.uuid,
          resource: target.resource.audience,
          subject: subject.claims,
        },
      };
    };
    context.body = await audit
      .around(
        {
          eventId: 'token-exchange',
          meta: { client: EXCHANGE_CLIENT_ID, address: context.ip },
        },
        exchange,
      )
      .catch(error => {
        throw asOAuthError(error);
      });
  };
}

function asOAuthError(error: unknown): unknown {
  if (!isError(error) || error instanceof errors.OIDCProviderError) {
    return error;
  }
  if (
    error.name === 'AuthenticationError' ||
    error.name === 'NotAllowedError'
  ) {
    return Object.assign(new errors.InvalidGrant({ cause: error }), {
      error_description: error.message,
    });
  }
  if (error.name === 'InputError' || error.name === 'ConflictError') {
    return new errors.InvalidRequest(error.message);
  }
  if (error.name === 'ServiceUnavailableError') {
    return Object.assign(
      new errors.CustomOIDCProviderError(
        'temporarily_unavailable',
        error.message,
      ),
      { status: 503, statusCode: 503 },
    );
  }
  return error;
}
