import {
  Entity,
  stringifyEntityRef,
  parseEntityRef,
} from '@backstage/catalog-model';
import { z } from 'zod/v3';
import { CallerCatalog, SUMMARY_FIELDS } from '../catalog/CallerCatalog';
import {
  annotation,
  relationTargets,
  summarize,
  textOf,
  withoutEmpty,
} from '../catalog/entities';
import type { EntityResolver } from '../names/EntityResolver';
import { defineCatalogTool } from './CatalogTool';
import { entityRefSchema, moreSchema, noteSchema } from './schemas';

/** Annotations by which a component says what it does with the data stores it depends on. */
export const READS_ANNOTATION = 'prompt-corner.dev/reads-from';
export const WRITES_ANNOTATION = 'prompt-corner.dev/writes-to';

const USERS_LISTED = 20;

type Access = 'read' | 'write' | 'read and write' | 'unknown';

const accessSchema = z
  .enum(['read', 'write', 'read and write', 'unknown'])
  .describe(
    `From the annotations ${READS_ANNOTATION} and ${WRITES_ANNOTATION}; unknown without them`,
  );

const userSchema = z.object({
  ref: z.string(),
  owner: z.string().optional(),
  access: accessSchema,
});

/** Tells which data stores a service uses, and who shares them. */
export function createGetDataStoresTool(options: {
  resolver: EntityResolver;
  /** Values of `spec.type` of the resources that hold data. */
  dataStoreTypes: string[];
}) {
  const { resolver } = options;
  const types = new Set(
    options.dataStoreTypes.map(type => type.toLocaleLowerCase('en-US')),
  );
  const isStore = (entity: Entity) =>
    entity.kind === 'Resource' &&
    types.has(textOf(entity.spec?.type)?.toLocaleLowerCase('en-US') ?? '');

  return defineCatalogTool({
    name: 'get-data-stores',
    title: 'Get data stores',
    description:
      'Which databases, topics, caches and buckets a service reads and writes, and which other services share each of them. For a data store: who uses it.',
    input: z.object({ ref: entityRefSchema('Service or data store') }),
    output: z.object({
      ref: z.string(),
      stores: z
        .array(
          z.object({
            ref: z.string(),
            title: z.string().optional(),
            type: z.string().optional(),
            owner: z.string().optional(),
            access: accessSchema,
            sharedWith: z.array(userSchema).optional(),
          }),
        )
        .optional(),
      usedBy: z.array(userSchema).optional(),
      more: moreSchema,
      note: noteSchema,
    }),
    examples: [
      {
        title: 'Which data does the payments API touch?',
        input: { ref: 'payments-api' },
      },
    ],
    async run({ ref }, caller) {
      const resolved = await resolver.resolve({
        text: ref,
        caller,
        kinds: ['component', 'resource'],
      });
      if (isStore(resolved.entity)) {
        const users = await usersOf([resolved.entity], caller);
        const usedBy = users.get(resolved.ref) ?? [];
        return withoutEmpty({
          ref: resolved.ref,
          usedBy: usedBy.slice(0, USERS_LISTED),
          more: moreOf(usedBy.length),
          note: resolved.note,
        });
      }
      const dependencies = await caller.entities([
        ...relationTargets(resolved.entity, 'dependsOn'),
        ...listOf(resolved.entity, READS_ANNOTATION),
        ...listOf(resolved.entity, WRITES_ANNOTATION),
      ]);
      const stores = [...dependencies.values()].filter(isStore);
      const users = await usersOf(stores, caller);
      let longest = 0;
      return withoutEmpty({
        ref: resolved.ref,
        stores: stores.map(store => {
          const { ref: storeRef, title, type, owner } = summarize(store);
          const others = (users.get(storeRef) ?? []).filter(
            user => user.ref !== resolved.ref,
          );
          longest = Math.max(longest, others.length);
          return withoutEmpty({
            ref: storeRef,
            title,
            type,
            owner,
            access: accessOf(resolved.entity, storeRef),
            sharedWith: others.slice(0, USERS_LISTED),
          });
        }),
        more:
          stores.length === 0
            ? 'It depends on no data store directly; get_dependencies looks further.'
            : moreOf(longest),
        note: resolved.note,
      });
    },
  });
}

function moreOf(users: number): string | undefined {
  return users > USERS_LISTED
    ? `The first ${USERS_LISTED} users of each store; all of them by get_dependencies of the store, direction dependents.`
    : undefined;
}

/** Who depends on each of some stores, and how. */
async function usersOf(
  stores: Entity[],
  caller: CallerCatalog,
): Promise<Map<string, Array<z.infer<typeof userSchema>>>> {
  const users = await caller.entities(
    stores.flatMap(store => relationTargets(store, 'dependencyOf')),
    [...SUMMARY_FIELDS, `metadata.annotations`],
  );
  return new Map(
    stores.map(store => {
      const storeRef = stringifyEntityRef(store);
      return [
        storeRef,
        relationTargets(store, 'dependencyOf').flatMap(ref => {
          const user = users.get(ref);
          return user
            ? [
                withoutEmpty({
                  ref,
                  owner: summarize(user).owner,
                  access: accessOf(user, storeRef),
                }),
              ]
            : [];
        }),
      ];
    }),
  );
}

function accessOf(user: Entity, store: string): Access {
  const reads = listOf(user, READS_ANNOTATION).includes(store);
  const writes = listOf(user, WRITES_ANNOTATION).includes(store);
  if (reads && writes) {
    return 'read and write';
  }
  if (reads) {
    return 'read';
  }
  return writes ? 'write' : 'unknown';
}

function listOf(entity: Entity, key: string): string[] {
  return (annotation(entity, key) ?? '').split(',').flatMap(text => {
    try {
      return text.trim()
        ? [
            stringifyEntityRef(
              parseEntityRef(text.trim(), { defaultKind: 'resource' }),
            ),
          ]
        : [];
    } catch {
      // A broken annotation is the entity's own problem, not the question's.
      return [];
    }
  });
}
