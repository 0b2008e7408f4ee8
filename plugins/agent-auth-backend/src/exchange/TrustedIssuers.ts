import { AuthenticationError, NotAllowedError } from '@backstage/errors';
import { decodeJwt, errors, jwtVerify, JWTPayload } from 'jose';
import { claimAt, Claims, isMet } from './claims';
import { fillEntityRef, placeholdersIn } from './entityRefTemplate';
import { IssuerKeys } from './IssuerKeys';
import type {
  ExchangedResource,
  ExchangeRule,
  TrustedIssuer,
} from './TrustedIssuer';
import { refusalOf } from './refusals';
import { shown } from './shown';

/** What a token of a trusted issuer is worth. */
export interface ExchangedToken {
  /** Name of the issuer in the configuration. */
  issuer: string;
  /** Its claim `sub`, or, where it has none, the ref of the entity. */
  subject: string;
  /** As which the agent token acts. */
  entityRef: string;
  resources: ExchangedResource[];
  /** How long the agent token may live. */
  lifetimeSeconds: number;
  /**
   * For the audit trail: `iss`, `sub`, `aud`, `jti`, and the claims that the
   * rule reads, by path. Long values are cut; nothing in it is a secret.
   */
  claims: Record<string, string | string[]>;
}

/** The largest tokens seen, of GitLab with many groups, have 4 KiB. */
const LARGEST_TOKEN_BYTES = 16 * 1024;

const CLOCK_TOLERANCE_SECONDS = 30;

const KEYS_COOLDOWN_MS = 30_000;

/** Checks tokens of CI systems and service meshes, and says what their bearers may do. */
export class TrustedIssuers {
  readonly #issuers: ReadonlyMap<
    string,
    { issuer: TrustedIssuer; keys: IssuerKeys }
  >;

  /**
   * @param options.keysCooldownMs - how often at most an issuer is asked for its keys because a token
   *   names one that is not known. Default: 30 seconds
   */
  constructor(options: { issuers: TrustedIssuer[]; keysCooldownMs?: number }) {
    const cooldownMs = options.keysCooldownMs ?? KEYS_COOLDOWN_MS;
    this.#issuers = new Map(
      options.issuers.map(issuer => [
        issuer.issuer,
        { issuer, keys: new IssuerKeys(issuer, { cooldownMs }) },
      ]),
    );
  }

  /**
   * Checks a token (RFC 8693, `subject_token`) and finds the rule for it. A
   * token may be shown several times until it expires, as the jobs of a
   * pipeline do.
   *
   * @param token - a signed JWT
   * @throws AuthenticationError naming the check that failed
   * @throws NotAllowedError when no rule is for this token
   * @throws ServiceUnavailableError when the issuer's keys cannot be read
   */
  async verify(token: string): Promise<ExchangedToken> {
    const { issuer, keys } = this.#issuerOf(token);
    const claims = await verifiedClaims(token, issuer, keys);
    const rule = issuer.rules.find(({ conditions }) =>
      conditions.every(condition => isMet(condition, claims)),
    );
    if (!rule) {
      throw new NotAllowedError(noRule(issuer, claims));
    }
    const entityRef = fillEntityRef(rule.entityRef, claims);
    return {
      issuer: issuer.name,
      // Cloudflare Access leaves that of a service empty.
      subject: isString(claims.sub) && claims.sub ? claims.sub : entityRef,
      entityRef,
      resources: rule.resources,
      lifetimeSeconds: rule.lifetimeSeconds,
      claims: claimsForAudit(rule, claims),
    };
  }

  #issuerOf(token: string) {
    if (Buffer.byteLength(token) > LARGEST_TOKEN_BYTES) {
      throw new AuthenticationError(
        'The subject token is larger than 16 KiB; send the token of the CI system as it is',
      );
    }
    let issuer: unknown;
    try {
      issuer = decodeJwt(token).iss;
    } catch {
      throw new AuthenticationError(
        'The subject token is not a JWT; send the token of the CI system as it is',
      );
    }
    const found =
      typeof issuer === 'string' ? this.#issuers.get(issuer) : undefined;
    if (!found) {
      throw new AuthenticationError(
        `The issuer of the subject token, ${shown(
          issuer,
        )}, is not trusted; an administrator can add it, spelled exactly so, to agentAuth.exchange`,
      );
    }
    return found;
  }
}

async function verifiedClaims(
  token: string,
  issuer: TrustedIssuer,
  keys: IssuerKeys,
): Promise<JWTPayload> {
  const options = {
    issuer: issuer.issuer,
    audience: issuer.audiences,
    algorithms: issuer.algorithms,
    requiredClaims: ['exp', 'iat'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    maxTokenAge: issuer.maxTokenAgeSeconds,
  };
  try {
    return await jwtVerify(token, keys.get, options).then(
      ({ payload }) => payload,
      async error => {
        if (!(error instanceof errors.JWKSMultipleMatchingKeys)) {
          throw error;
        }
        // The token names no key, and several are of its kind.
        for await (const key of error) {
          try {
            return (await jwtVerify(token, key, options)).payload;
          } catch (failure) {
            if (!(failure instanceof errors.JWSSignatureVerificationFailed)) {
              throw failure;
            }
          }
        }
        throw new errors.JWSSignatureVerificationFailed();
      },
    );
  } catch (error) {
    throw refusalOf(error, issuer, token);
  }
}

function noRule(issuer: TrustedIssuer, claims: Claims): string {
  const paths = new Set(
    issuer.rules.flatMap(({ conditions }) =>
      conditions.map(({ path }) => path),
    ),
  );
  const looked = [...paths].map(
    path => `${path}: ${shown(claimAt(claims, path))}`,
  );
  return `No rule of the issuer ${
    issuer.name
  } is for this token. The claims that rules look at are ${looked.join(
    ', ',
  )}; an administrator can add a rule to agentAuth.exchange`;
}

function claimsForAudit(
  rule: ExchangeRule,
  claims: Claims,
): Record<string, string | string[]> {
  const paths = new Set([
    ...['iss', 'sub', 'aud', 'jti'],
    ...rule.conditions.map(({ path }) => path),
    ...placeholdersIn(rule.entityRef),
  ]);
  const selected: Array<[string, string | string[]]> = [];
  for (const path of paths) {
    const value = claimAt(claims, path);
    if (Array.isArray(value)) {
      selected.push([path, value.filter(isString).slice(0, 20).map(cut)]);
    } else if (isString(value)) {
      selected.push([path, cut(value)]);
    }
  }
  return Object.fromEntries(selected);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function cut(value: string): string {
  return value.slice(0, 256);
}
