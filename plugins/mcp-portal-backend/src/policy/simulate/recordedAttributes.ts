import { z } from 'zod';
import type { PolicyAttributes } from '../attributes';

const texts = z.array(z.string());
const toolClass = z.enum(['read', 'write', 'destructive']);

/** The attributes of a call, as `decide` gives them and audit records keep them. */
const attributesSchema: z.ZodType<PolicyAttributes> = z.object({
  action: z.enum(['call_tool', 'get_prompt', 'read_resource']),
  portal: z.string(),
  at: z.iso.datetime(),
  caller: z.object({
    kind: z.enum(['user', 'service', 'anonymous']),
    uuid: z.string(),
    entityRef: z.string().optional(),
    teams: texts,
  }),
  client: z.object({ id: z.string(), name: z.string() }),
  scopes: texts,
  claims: z.object({
    amr: texts,
    acr: z.string().optional(),
    authAgeSeconds: z.int().optional(),
  }),
  network: z.object({ address: z.string().optional(), names: texts }),
  device: z.record(z.string(), z.string()),
  granted: z.array(toolClass),
  server: z.object({
    name: z.string(),
    entityRef: z.string(),
    owner: z.string().optional(),
    system: z.string().optional(),
    domain: z.string().optional(),
    tags: texts,
  }),
  target: z.string(),
  toolClass: toolClass.optional(),
  arguments: z
    .array(
      z.object({
        path: z.string(),
        kind: z.enum(['text', 'number', 'flag', 'list', 'other']),
        value: z.union([z.string(), z.number(), z.boolean(), texts]).optional(),
        digest: z.string().optional(),
      }),
    )
    .optional(),
  moreArguments: z.int().optional(),
});

/** The attributes in an audit record; undefined when it has none that decisions can be made of. */
export function recordedAttributes(
  recorded: Record<string, unknown> | undefined,
): PolicyAttributes | undefined {
  return attributesSchema.safeParse(recorded).data;
}
