import { z } from 'zod';

/** Not empty, and without characters that PostgreSQL cannot store. */
const text = (maximum: number) =>
  z
    .string()
    .min(1)
    .max(maximum)
    // eslint-disable-next-line no-control-regex
    .regex(/^[^\u0000-\u001f\u007f]*$/, 'must not hold control characters');

const scopes = z.array(text(100)).max(20);

const limits = z.object({
  servers: z.array(text(200)).optional(),
  models: z.array(text(200)).optional(),
  budgetUsdPerDay: z.number().optional(),
});

const seconds = z.number().int().positive();

/** Body of an approval. */
export const approvalSchema = z.object({
  resources: z.array(z.object({ audience: text(2000), scopes })).max(10),
  limits,
  lifetimeSeconds: seconds,
  name: text(200).optional(),
  idToken: z.string().max(16_000).optional(),
});

/** Body that holds nothing but a device's code. */
export const userCodeSchema = z.object({ userCode: text(40) });

/** Body of a device's approval. */
export const deviceApprovalSchema = approvalSchema.extend(userCodeSchema.shape);

/** Body that asks for a personal token. */
export const personalTokenSchema = z.object({
  name: text(200),
  audience: text(2000),
  scopes,
  limits,
  lifetimeSeconds: seconds,
});

const query = {
  principal: text(500).optional(),
  clientId: text(2000).optional(),
  olderThanDays: z.coerce.number().positive().max(10_000).optional(),
};

/** Query of a list of the organisation's connections. */
export const connectionListSchema = z.strictObject({
  ...query,
  unusedOnly: z
    .enum(['true', 'false'])
    .transform(value => value === 'true')
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^\d{1,15}\.[0-9a-f-]{36}$/)
    .optional(),
});

/** Body that says which connections to revoke. */
export const revocationSchema = z.strictObject({
  ...query,
  unusedOnly: z.boolean().optional(),
  ids: z.array(z.uuid()).max(500).optional(),
});

/** Body that asks who is behind UUIDs. */
export const resolutionSchema = z.object({ uuids: z.array(z.string()) });

/** Body that registers a client. */
export const clientSchema = z.object({
  id: text(100),
  name: text(100),
  redirectUris: z.array(text(2000)).max(20),
  deviceFlow: z.boolean(),
  uri: z.url({ protocol: /^https?$/ }).optional(),
  confidential: z.boolean(),
  entityRef: text(500).optional(),
  serviceResources: z
    .array(z.object({ audience: text(2000), scopes }))
    .max(10)
    .optional(),
});

/** Internal: asks what tokens stand for. */
export const introspectionSchema = z.object({
  hashes: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(200),
});

/** Internal: asks what was revoked. */
export const revocationsSchema = z.object({
  after: z.coerce.number().int().min(0),
});

/** Internal: asks for credentials. */
export const credentialsSchema = z.object({ connectionId: z.uuid() });

/** Internal: asks who somebody is. */
export const principalSchema = z.strictObject({
  entityRef: z
    .string()
    .regex(/^user:[^/]+\/.+$/i)
    .max(512)
    .optional(),
  uuid: z.uuid().optional(),
});

/** Internal: asks who is in the catalog. */
export const presencesSchema = z.strictObject({
  uuids: z.array(text(64)).max(200),
});

/** Internal: reports uses. */
export const usesSchema = z.object({
  uses: z
    .array(
      z.object({
        connectionId: z.uuid(),
        at: z.iso.datetime(),
        address: text(45).optional(),
        userAgent: text(500).optional(),
      }),
    )
    .max(500),
});
