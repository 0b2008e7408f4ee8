import { ConflictError, InputError } from '@backstage/errors';
import type { ServerRecord } from './ServerRecord';

/** @throws ConflictError when the catalog does not have the server, or says nonsense about it */
export function assertUsable(server: ServerRecord): void {
  if (server.absentSince) {
    throw new ConflictError(
      `${server.entityRef} is not in the catalog; register it there first`,
    );
  }
  if (server.catalog.problem) {
    throw new ConflictError(
      `The catalog entity ${server.entityRef} cannot be used: ${server.catalog.problem}`,
    );
  }
}

/** @throws ConflictError when nothing of the server is approved yet, or any more */
export function assertDecidable({ status }: ServerRecord): void {
  if (status !== 'approved' && status !== 'suspended') {
    throw new ConflictError(
      `The server is ${status}; definitions are approved together with it, or when it is approved`,
    );
  }
}

/** @throws ConflictError when the catalog has other URLs than those that the approver knows */
export function assertRemotes(
  server: ServerRecord,
  urls: string[] | undefined,
): void {
  if (!urls) {
    throw new InputError(
      'Inspect the server first, or say with urls which URLs you approve',
    );
  }
  const current = server.catalog.remotes.map(({ url }) => url);
  if (JSON.stringify(urls) !== JSON.stringify(current)) {
    throw new ConflictError(
      `The URLs of the server are ${current.join(
        ', ',
      )} now; inspect it again, or say with urls that you approve them`,
    );
  }
}
