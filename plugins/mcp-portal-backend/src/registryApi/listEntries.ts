import { InputError } from '@backstage/errors';
import { z } from 'zod';
import { compare, RegistryEntry } from './RegistryEntries';

const OFFICIAL = 'io.modelcontextprotocol.registry/official';
const DEFAULT_LIMIT = 30;
const MAX_LIMIT = 100;
const MAX_TEXT_LENGTH = 200;

const boolean = z.enum(['true', 'false']).transform(value => value === 'true');

const filterSchema = z.object({
  search: z.string().max(MAX_TEXT_LENGTH).optional(),
  version: z.string().max(MAX_TEXT_LENGTH).optional(),
  updated_since: z.iso.datetime({ offset: true }).optional(),
  include_deleted: boolean.optional(),
});

const querySchema = filterSchema.extend({
  cursor: z.string().max(2_000).optional(),
  // Not refused when larger: clients ask for what the public registry allows.
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .transform(limit => Math.min(limit, MAX_LIMIT))
    .default(DEFAULT_LIMIT),
});

const cursorSchema = z.object({
  after: z.string(),
  filter: filterSchema.extend({ include_deleted: z.boolean().optional() }),
});

type Filter = z.infer<typeof filterSchema>;

/** A page of entries, as the registry API has it. */
export interface RegistryPage {
  servers: RegistryEntry[];
  metadata: { count: number; nextCursor?: string };
}

/**
 * A page of entries for a query of `GET /v0.1/servers`. Unknown parameters are ignored.
 *
 * The cursor carries the filter of the first page, because VS Code leaves the
 * search out of later ones; and it needs no encoding in a URL, because VS Code does
 * not encode it.
 *
 * @param entries - in the order of their names
 * @throws InputError that names the parameter which cannot be used
 */
export function listEntries(
  entries: readonly RegistryEntry[],
  query: unknown,
): RegistryPage {
  const result = querySchema.safeParse(query);
  if (!result.success) {
    throw new InputError(z.prettifyError(result.error));
  }
  const { cursor, limit, ...asked } = result.data;
  const { after, filter } = cursor
    ? readCursor(cursor)
    : { after: undefined, filter: asked };
  const found = entries.filter(
    entry =>
      (after === undefined || compare(entry.server.name, after) > 0) &&
      passes(entry, filter),
  );
  const servers = found.slice(0, limit);
  return {
    servers,
    metadata: {
      count: servers.length,
      nextCursor:
        found.length > limit
          ? writeCursor(servers[limit - 1].server.name, filter)
          : undefined,
    },
  };
}

function passes({ server, _meta }: RegistryEntry, filter: Filter): boolean {
  const { search, version, updated_since: since } = filter;
  const { status, updatedAt } = _meta[OFFICIAL];
  // Who asks for changes has to learn of deletions.
  const withDeleted = filter.include_deleted || since !== undefined;
  const text = `${server.name}\n${server.title ?? ''}\n${server.description}`;
  return (
    (withDeleted || status !== 'deleted') &&
    (!version || version === 'latest' || version === server.version) &&
    (!since || Date.parse(updatedAt) >= Date.parse(since)) &&
    (!search || text.toLowerCase().includes(search.toLowerCase()))
  );
}

function writeCursor(after: string, filter: Filter): string {
  return Buffer.from(JSON.stringify({ after, filter })).toString('base64url');
}

function readCursor(cursor: string): z.infer<typeof cursorSchema> {
  try {
    const json = Buffer.from(cursor, 'base64url').toString();
    return cursorSchema.parse(JSON.parse(json));
  } catch {
    throw new InputError(
      'cursor is not one of this registry; start again without it',
    );
  }
}
