import { z } from 'zod';
import type { PolicyCaller } from '../callers';
import { isUnicode } from '../sources';

/** Characters of a draft. Policies of operators may be longer; a draft is decided by at once. */
const MAX_DRAFT_LENGTH = 65_536;

/** A text that policies can read. */
export const simulatedText = z
  .string()
  .min(1)
  .max(1_000)
  .refine(isUnicode, 'Expected Unicode text');

/** Several of them. */
export const simulatedTexts = z.array(simulatedText).max(500);

/** Other policies, to try them. */
export const draftSchema = z
  .string()
  .max(
    MAX_DRAFT_LENGTH,
    `Expected at most ${MAX_DRAFT_LENGTH} characters of policies`,
  );

/** A draft to check. */
export const checkSchema = z.strictObject({ policies: draftSchema });

/** Fields of `who`, beside the kind, the scopes and what grants are limited to. */
export const whoFields = {
  uuid: simulatedText.default('00000000-0000-0000-0000-000000000000'),
  /** Of a service. */
  entityRef: simulatedText.optional(),
  teams: simulatedTexts.default([]),
  client: z
    .strictObject({ id: simulatedText, name: simulatedText.optional() })
    .default({ id: 'simulator' }),
};

/** Fields that say from where and when somebody asks, and a draft to decide by. */
export const circumstanceFields = {
  network: z
    .strictObject({
      address: z.union([z.ipv4(), z.ipv6()]).optional(),
      names: simulatedTexts.default([]),
      device: z.record(simulatedText, simulatedText).default({}),
    })
    .default({ names: [], device: {} }),
  claims: z
    .strictObject({
      amr: simulatedTexts.optional(),
      acr: simulatedText.optional(),
      authAgeSeconds: z.int().min(0).max(1_000_000_000).optional(),
    })
    .default({}),
  time: z.iso.datetime({ offset: true }).optional(),
  policies: draftSchema.optional(),
};

const circumstances = z.strictObject(circumstanceFields);

/** Who asks in a simulation. */
export interface SimulatedCaller<Kind extends PolicyCaller['kind']>
  extends Pick<z.infer<typeof circumstances>, 'network' | 'claims'> {
  who: {
    kind: Kind;
    uuid: string;
    entityRef?: string;
    teams: string[];
    client: { id: string; name?: string };
    scopes: string[];
  };
}

/** A caller as policies are asked about one. */
export function simulatedCaller<Kind extends PolicyCaller['kind']>(
  { who, claims, network }: SimulatedCaller<Kind>,
  now: Date,
): PolicyCaller & { kind: Kind } {
  const { amr, acr, authAgeSeconds } = claims;
  return {
    kind: who.kind,
    uuid: who.uuid,
    entityRef: who.entityRef,
    teams: who.teams,
    client: { id: who.client.id, name: who.client.name ?? who.client.id },
    scopes: new Set(who.scopes),
    claims: {
      amr,
      acr,
      authTime:
        authAgeSeconds === undefined
          ? undefined
          : now.getTime() / 1000 - authAgeSeconds,
    },
    network,
  };
}
