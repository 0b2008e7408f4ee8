import {
  Entity,
  parseEntityRef,
  RELATION_OWNED_BY,
  RELATION_PART_OF,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import type {
  RemoteType,
  ServerRemote,
} from '@prompt-corner/plugin-mcp-portal-common';
import { asPlainLine } from '../../definitions';
import type { CatalogServer } from './CatalogServer';

const ANNOTATION_PREFIX = 'prompt-corner.dev/';

/** Annotation with which an entity asks for a name in names of tools. */
export const NAME_ANNOTATION = `${ANNOTATION_PREFIX}mcp-server-name`;

/**
 * Annotation with which an API entity of type openapi asks to be a server: its
 * base URL, or {@link BASE_OF_SPECIFICATION}.
 */
export const API_ANNOTATION = `${ANNOTATION_PREFIX}api-base-url`;

/** The base URL is that of the first of the specification's `servers`. */
export const BASE_OF_SPECIFICATION = 'specification';

const MAX_TITLE_LENGTH = 200;
const MAX_DESCRIPTION_LENGTH = 2_000;
const MAX_REMOTES = 10;
const MAX_URL_LENGTH = 2_000;

/**
 * How people spell the transports: the catalog's schema takes any string. What
 * is not here, such as stdio, cannot be reached by a portal.
 */
const REMOTE_TYPES: Record<string, RemoteType> = {
  streamablehttp: 'streamable-http',
  shttp: 'streamable-http',
  http: 'streamable-http',
  sse: 'sse',
};

/**
 * Reads an entity of kind API, of type mcp-server or openapi. Whoever can
 * register entities wrote it.
 *
 * @param specifiedUrl - of the first of an API's `servers`, or why it is not known
 */
export function readCatalogServer(
  entity: Entity,
  specifiedUrl?: string | Error,
): CatalogServer {
  const { metadata, spec = {} } = entity;
  const owners = ownersOf(entity);
  const read: CatalogServer = {
    entityRef: stringifyEntityRef(entity),
    title: asPlainLine(text(metadata.title) ?? metadata.name, MAX_TITLE_LENGTH),
    description: asPlainLine(
      text(metadata.description) ?? '',
      MAX_DESCRIPTION_LENGTH,
    ),
    owner: owners[0] ?? '',
    owners,
    lifecycle: asPlainLine(text(spec.lifecycle) ?? '', MAX_TITLE_LENGTH),
    system: relatedTo(entity, RELATION_PART_OF).find(ref =>
      ref.startsWith('system:'),
    ),
    tags: (metadata.tags ?? []).filter(tag => typeof tag === 'string'),
    annotations: Object.fromEntries(
      Object.entries(metadata.annotations ?? {}).filter(([key]) =>
        key.startsWith(ANNOTATION_PREFIX),
      ),
    ),
    remotes: [],
  };
  try {
    const remotes =
      spec.type === 'openapi'
        ? readBaseUrl(entity, specifiedUrl)
        : readRemotes(spec.remotes);
    if (!owners.length) {
      throw new InputError('spec.owner names nobody that the catalog knows');
    }
    return { ...read, remotes };
  } catch (error) {
    return { ...read, problem: (error as Error).message };
  }
}

function readRemotes(remotes: unknown): ServerRemote[] {
  if (!Array.isArray(remotes) || remotes.length > MAX_REMOTES) {
    throw new InputError(
      `spec.remotes has to be a list of at most ${MAX_REMOTES} remotes`,
    );
  }
  const reachable = remotes.flatMap((remote, index) => {
    const type = text(remote?.type) ?? '';
    const known = REMOTE_TYPES[type.toLowerCase().replace(/[-_ ]/g, '')];
    return known
      ? { type: known, url: readUrl(remote.url, `spec.remotes[${index}].url`) }
      : [];
  });
  if (!reachable.length) {
    throw new InputError(
      'None of spec.remotes has the type streamable-http or sse, and others cannot be reached',
    );
  }
  return reachable;
}

function readBaseUrl(
  { metadata }: Entity,
  specifiedUrl: string | Error | undefined,
): ServerRemote[] {
  const annotated = metadata.annotations?.[API_ANNOTATION];
  if (annotated !== BASE_OF_SPECIFICATION) {
    return [{ type: 'openapi', url: readUrl(annotated, API_ANNOTATION) }];
  }
  if (specifiedUrl instanceof Error) {
    throw specifiedUrl;
  }
  const key = 'The first of servers in spec.definition';
  return [{ type: 'openapi', url: readUrl(specifiedUrl, key) }];
}

function readUrl(value: unknown, key: string): string {
  const url = text(value);
  if (!url || url.length > MAX_URL_LENGTH || !URL.canParse(url)) {
    throw new InputError(`${key} has to be a URL`);
  }
  const parsed = new URL(url);
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    throw new InputError(`${key} has to begin with http:// or https://`);
  }
  if (parsed.username || parsed.password) {
    throw new InputError(
      `${key} has credentials in it; set them in mcpPortal.servers instead`,
    );
  }
  parsed.hash = '';
  return parsed.href;
}

/** As the catalog resolved them; what it has not resolved yet is read from the spec. */
function ownersOf(entity: Entity): string[] {
  const related = relatedTo(entity, RELATION_OWNED_BY);
  const owner = text(entity.spec?.owner);
  if (related.length || !owner) {
    return related;
  }
  try {
    return [
      stringifyEntityRef(
        parseEntityRef(owner, {
          defaultKind: 'Group',
          defaultNamespace: entity.metadata.namespace ?? 'default',
        }),
      ),
    ];
  } catch {
    return [];
  }
}

function relatedTo(entity: Entity, type: string): string[] {
  return (entity.relations ?? [])
    .filter(relation => relation.type === type)
    .map(({ targetRef }) => targetRef.toLocaleLowerCase('en-US'))
    .sort();
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
