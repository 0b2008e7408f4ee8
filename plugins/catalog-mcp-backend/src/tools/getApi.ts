import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { InputError, NotFoundError } from '@backstage/errors';
import { z } from 'zod/v3';
import type { ApiDefinitions } from '../apis/ApiDefinitions';
import type { CallerCatalog } from '../catalog/CallerCatalog';
import {
  relationTargets,
  shorten,
  textOf,
  titleOf,
  withoutEmpty,
} from '../catalog/entities';
import type { EntityResolver, ResolvedEntity } from '../names/EntityResolver';
import { defineCatalogTool } from './CatalogTool';
import {
  entityRefSchema,
  integerSchema,
  moreSchema,
  noteSchema,
  textSchema,
} from './schemas';

const DESCRIPTION_LIMIT = 400;

/** Lists the operations of an API, or shows one in full. */
export function createGetApiTool(options: {
  resolver: EntityResolver;
  definitions: ApiDefinitions;
}) {
  const { resolver, definitions } = options;
  return defineCatalogTool({
    name: 'get-api',
    title: 'Get an API',
    description:
      'The operations of an API (OpenAPI, AsyncAPI, GraphQL, gRPC); or, with operation, one of them in full with its schemas resolved. Also takes a component that provides exactly one API.',
    input: z.object({
      ref: entityRefSchema(
        'API entity ref or name, or the component that provides it',
      ),
      operation: textSchema(
        'An operation id or signature from the list, such as createRefund or "POST /refunds"; or a pointer into the definition, such as #/components/schemas/Refund',
        500,
      ).optional(),
      match: textSchema(
        'List only operations whose id, signature, summary or tags contain this',
      ).optional(),
      limit: integerSchema({
        min: 1,
        max: 200,
        default: 50,
        description: 'Operations to list',
      }),
    }),
    output: z.object({
      ref: z.string(),
      title: z.string().optional(),
      type: z.string().optional(),
      version: z.string().optional(),
      description: z.string().optional(),
      owner: z.string().optional(),
      providedBy: z.array(z.string()).optional(),
      servers: z.array(z.string()).optional(),
      operations: z
        .array(
          z.object({
            id: z.string(),
            signature: z.string(),
            summary: z.string().optional(),
            deprecated: z.boolean().optional(),
          }),
        )
        .optional(),
      operation: z
        .object({
          id: z.string(),
          signature: z.string(),
          summary: z.string().optional(),
          description: z.string().optional(),
          deprecated: z.boolean().optional(),
          detail: z.unknown(),
        })
        .optional(),
      remotes: z
        .array(z.object({ type: z.string().optional(), url: z.string() }))
        .optional()
        .describe('Where an MCP server is reached'),
      more: moreSchema,
      note: noteSchema,
    }),
    examples: [
      {
        title: 'What can the payments API do?',
        input: { ref: 'payments-api' },
      },
      {
        title: 'How is a refund created?',
        input: { ref: 'payments-api', operation: 'createRefund' },
      },
    ],
    async run({ ref, operation, match, limit }, caller) {
      const { entity, note } = await findApi(ref, caller, resolver);
      const about = withoutEmpty({
        ref: stringifyEntityRef(entity),
        title: titleOf(entity),
        type: textOf(entity.spec?.type),
        note,
      });
      const remotes = remotesOf(entity);
      if (remotes) {
        return { ...about, remotes };
      }
      const definition = await definitions.of(about.ref, caller);
      if (operation) {
        const { truncated, ...detail } =
          definition.describeOperation(operation);
        return withoutEmpty({
          ...about,
          operation: withoutEmpty(detail),
          more: truncated,
        });
      }
      const words = match?.toLocaleLowerCase('en-US');
      const fitting = definition.operations.filter(
        ({ id, signature, summary, tags }) =>
          !words ||
          [id, signature, summary, ...(tags ?? [])]
            .join(' ')
            .toLocaleLowerCase('en-US')
            .includes(words),
      );
      return withoutEmpty({
        ...about,
        version: definition.version,
        description: shorten(
          entity.metadata.description ?? definition.description,
          DESCRIPTION_LIMIT,
        ),
        owner: relationTargets(entity, 'ownedBy')[0],
        providedBy: relationTargets(entity, 'apiProvidedBy'),
        servers: definition.servers,
        operations: fitting
          .slice(0, limit)
          .map(({ id, signature, summary, deprecated }) =>
            withoutEmpty({
              id,
              signature,
              summary,
              deprecated: deprecated || undefined,
            }),
          ),
        more:
          fitting.length > limit
            ? `${limit} of ${fitting.length} operations; ask with match to narrow, or a higher limit (at most 200).`
            : undefined,
      });
    },
  });
}

/** The API named, or the one that the component named provides. */
async function findApi(
  text: string,
  caller: CallerCatalog,
  resolver: EntityResolver,
): Promise<{ entity: Entity; note?: string }> {
  const resolved: ResolvedEntity = await resolver.resolve({
    text,
    caller,
    kinds: ['api', 'component'],
  });
  const { entity, ref, note } = resolved;
  if (entity.kind === 'API') {
    return { entity, note };
  }
  const provided = await caller.entities(
    relationTargets(entity, 'providesApi'),
  );
  const [only, ...others] = provided.values();
  if (!only) {
    throw new NotFoundError(
      `${ref} is no API and provides none that you can see. Look for one with find_apis`,
    );
  }
  if (others.length > 0) {
    throw new InputError(
      `${ref} provides several APIs: ${[...provided.keys()].join(
        ', ',
      )}. Ask again with one of these refs`,
    );
  }
  return { entity: only, note: `${ref} provides ${stringifyEntityRef(only)}.` };
}

function remotesOf(
  entity: Entity,
): Array<{ type?: string; url: string }> | undefined {
  const remotes = entity.spec?.remotes;
  if (!Array.isArray(remotes)) {
    return undefined;
  }
  return remotes.flatMap(remote => {
    const { type, url } = (remote ?? {}) as { type?: unknown; url?: unknown };
    const address = textOf(url);
    return address ? [withoutEmpty({ type: textOf(type), url: address })] : [];
  });
}
