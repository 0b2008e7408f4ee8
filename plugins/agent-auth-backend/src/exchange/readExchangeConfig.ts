import {
  Config,
  ConfigReader,
  readDurationFromConfig,
} from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';
import { resourceTypes } from '@prompt-corner/plugin-agent-auth-common';
import { z } from 'zod';
import { isClaimPath, topLevelNameOf } from './claims';
import { checkEntityRefTemplate } from './entityRefTemplate';
import { isSafeUrl } from './safeUrl';
import { missingOwnerClaims } from './sharedIssuers';
import { SIGNATURE_ALGORITHMS } from './signatureAlgorithms';
import type { ExchangedResource, TrustedIssuer } from './TrustedIssuer';

/** Claims that are the same for everyone whom the issuer serves, or say only when. */
const INDISTINCT_CLAIMS = ['iss', 'aud', 'exp', 'iat', 'nbf'];

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 60 * MINUTE_SECONDS;
const DEFAULT_LIFETIME_SECONDS = 15 * MINUTE_SECONDS;
/** No pipeline of GitHub's hosted runners takes longer than 6 hours. */
const LONGEST_LIFETIME_SECONDS = 12 * HOUR_SECONDS;

const text = z.string().min(1).max(1000);
const oneOrMore = z
  .union([text, z.array(text).min(1)], {
    error: 'Expected text (numbers and true/false in quotes), or a list of it',
  })
  .transform(value => [value].flat());

const keyUrl = text.refine(isSafeUrl, {
  error:
    'Expected an https URL; http is possible on the loopback interface only',
});

const issuerUrl = keyUrl.refine(url => !/[?#@]/.test(url), {
  error: 'Expected a URL without user, query and fragment',
});

const seconds = z.unknown().transform((value, context) => {
  try {
    const duration = readDurationFromConfig(
      new ConfigReader({ value: value as string }),
      { key: 'value' },
    );
    return durationToMilliseconds(duration) / 1000;
  } catch {
    context.addIssue('Expected a duration such as { minutes: 15 }');
    return z.NEVER;
  }
});

const claims = z
  .record(text, oneOrMore)
  .transform(record =>
    Object.entries(record).map(([path, patterns]) => ({ path, patterns })),
  )
  .refine(conditions => conditions.every(({ path }) => isClaimPath(path)), {
    error:
      'Expected claims by name, such as repository, act.sub or /kubernetes.io/namespace',
  })
  .refine(
    conditions =>
      conditions.some(
        ({ path, patterns }) =>
          !INDISTINCT_CLAIMS.includes(topLevelNameOf(path)) &&
          !patterns.some(pattern => /^\*+$/.test(pattern)),
      ),
    {
      error:
        'Expected at least one claim that not every token of the issuer has, such as repository or sub',
    },
  );

const entityRef = text.superRefine((template, context) => {
  try {
    checkEntityRefTemplate(template);
  } catch (error) {
    context.addIssue(`${template} ${(error as Error).message}`);
  }
});

const resource = z
  .strictObject({ resource: text, scopes: z.array(text).min(1) })
  .transform(({ resource: name, scopes }, context): ExchangedResource => {
    const [, kind, portal] =
      /^(?:(catalog|proxy)|portal\/([A-Za-z0-9_-]{1,63}))$/.exec(name) ?? [];
    const type = resourceTypes.find(
      candidate => candidate.kind === (portal ? 'portal' : kind),
    );
    if (!type) {
      context.addIssue(
        `Expected catalog, proxy or portal/<name> instead of ${name}`,
      );
      return z.NEVER;
    }
    const known = type.scopes.map(scope => scope.name);
    const unknown = scopes.find(scope => !known.includes(scope));
    if (unknown !== undefined) {
      context.addIssue(
        `${name} has no scope ${unknown}; it has ${known.join(', ')}`,
      );
    }
    return {
      kind: type.kind,
      ...(portal && { portal }),
      scopes: [...new Set(scopes)],
    };
  });

const rule = z
  .strictObject({
    claims,
    entityRef,
    resources: z.array(resource).min(1),
    lifetime: seconds
      .refine(
        value => value >= MINUTE_SECONDS && value <= LONGEST_LIFETIME_SECONDS,
        { error: 'Expected a minute to 12 hours' },
      )
      .optional(),
  })
  .transform(({ claims: conditions, lifetime, ...others }) => ({
    ...others,
    conditions,
    lifetimeSeconds: lifetime ?? DEFAULT_LIFETIME_SECONDS,
  }));

const issuer = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/),
    issuer: issuerUrl,
    audience: oneOrMore,
    jwksUri: keyUrl.optional(),
    jwksFile: text.optional(),
    algorithms: z.array(z.enum(SIGNATURE_ALGORITHMS)).min(1).optional(),
    maxTokenAge: seconds
      .refine(value => value > 0, { error: 'Expected more than nothing' })
      .optional(),
    rules: z.array(rule).min(1),
  })
  // Comes first, as what follows is only for what has the right shape.
  .transform(
    ({ audience, algorithms, maxTokenAge, ...others }): TrustedIssuer => ({
      ...others,
      audiences: audience,
      algorithms: algorithms ?? SIGNATURE_ALGORITHMS,
      maxTokenAgeSeconds: maxTokenAge ?? HOUR_SECONDS,
    }),
  )
  .superRefine((value, context) => {
    if (value.jwksUri && value.jwksFile) {
      context.addIssue({
        code: 'custom',
        path: ['jwksFile'],
        message: 'Expected either jwksUri or jwksFile',
      });
    }
    value.rules.forEach(({ conditions }, index) => {
      const missing = missingOwnerClaims(value.issuer, conditions);
      if (missing) {
        context.addIssue({
          code: 'custom',
          path: ['rules', index, 'claims'],
          message: `This issuer signs for everyone, so a rule has to say whose pipelines it means, with a pattern that names the owner, in one of ${missing.join(
            ', ',
          )}`,
        });
      }
    });
  });

const issuers = z.array(issuer).superRefine((values, context) => {
  for (const key of ['name', 'issuer'] as const) {
    values.forEach((value, index) => {
      if (values.findIndex(other => other[key] === value[key]) < index) {
        context.addIssue({
          code: 'custom',
          path: [index, key],
          message: 'Expected another one than in an entry before',
        });
      }
    });
  }
});

/**
 * Reads whose tokens may be exchanged, from `exchange`; see `config.d.ts` for
 * what each key means.
 *
 * @param config - the `agentAuth` section
 * @returns none when there is no such key
 * @throws InputError naming each key that cannot be used, and why
 */
export function readExchangeConfig(config: Config): TrustedIssuer[] {
  const result = issuers.safeParse(config.getOptional('exchange') ?? []);
  if (result.success) {
    return result.data;
  }
  throw new InputError(
    result.error.issues
      .map(
        ({ path, message }) =>
          `Invalid agentAuth.exchange${path
            .map(part =>
              typeof part === 'number' ? `[${part}]` : `.${String(part)}`,
            )
            .join('')}: ${message}`,
      )
      .join('\n'),
  );
}
