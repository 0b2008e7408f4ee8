import type { Entity } from '@backstage/catalog-model';

/** The address in `entities.yaml`, which is right when nobody chose another port. */
const WRITTEN = 'http://localhost:7007/';

/**
 * Replaces the address of the demo in the URLs of an MCP server.
 *
 * @param baseUrl - of the backend, without a slash at its end
 * @returns the entity itself when there is nothing to replace
 */
export function withAddress(entity: Entity, baseUrl: string): Entity {
  const { kind, spec } = entity;
  if (
    kind !== 'API' ||
    spec?.type !== 'mcp-server' ||
    !Array.isArray(spec.remotes)
  ) {
    return entity;
  }
  const remotes = spec.remotes.map(remote => {
    const { url } = Object(remote);
    return typeof url === 'string' && url.startsWith(WRITTEN)
      ? { ...Object(remote), url: `${baseUrl}/${url.slice(WRITTEN.length)}` }
      : remote;
  });
  return { ...entity, spec: { ...spec, remotes } };
}
