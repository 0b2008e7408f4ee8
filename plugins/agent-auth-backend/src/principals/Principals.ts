import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { ConflictError, InputError } from '@backstage/errors';
import type { ResolvedPrincipal } from '@prompt-corner/plugin-agent-auth-common';
import { LRUCache } from 'lru-cache';
import type { PrincipalName, PrincipalStore } from './PrincipalStore';

/** About 20 MB; far more than the people who use one portal. */
const MAX_CACHED = 50_000;

/** The column's width. The catalog's own limits allow 191 characters. */
const MAX_REF_LENGTH = 512;

/** Knows each user and service by a random UUID. */
export class Principals {
  readonly #store: PrincipalStore;
  // Never out of date, since a UUID is never changed.
  readonly #byRef: LRUCache<string, ResolvedPrincipal, PrincipalName>;
  readonly #byUuid = new LRUCache<string, ResolvedPrincipal>({
    max: MAX_CACHED,
  });

  constructor(options: { store: PrincipalStore }) {
    const { store } = options;
    this.#store = store;
    this.#byRef = new LRUCache({
      max: MAX_CACHED,
      // Concurrent calls for one ref share one.
      fetchMethod: (_ref, _stale, { context }) => store.getOrCreate(context),
    });
  }

  /**
   * The UUID of a user or service, which it gets here if it is new. Waits for
   * the database the first time only.
   *
   * @throws InputError when the ref is not a full entity ref
   * @throws ConflictError when the entity is known as the other kind, because
   *   what a service does must not be attributed to a person
   */
  async uuidOf(name: PrincipalName): Promise<string> {
    const entityRef = toFullRef(name.entityRef);
    const principal = await this.#byRef.forceFetch(entityRef, {
      context: { kind: name.kind, entityRef },
    });
    if (principal.kind !== name.kind) {
      throw new ConflictError(
        `${entityRef} is known as a ${principal.kind} and cannot act as a ${name.kind}; use another entity`,
      );
    }
    return principal.uuid;
  }

  /**
   * Who is behind the given UUIDs; unknown ones are left out. Waits for the
   * database the first time only. For whoever may know: see
   * {@link PrincipalResolution}.
   *
   * @param uuids - in lower case
   */
  async find(uuids: string[]): Promise<ResolvedPrincipal[]> {
    const missing = uuids.filter(uuid => !this.#byUuid.has(uuid));
    if (missing.length > 0) {
      for (const principal of await this.#store.find(missing)) {
        this.#byUuid.set(principal.uuid, principal);
      }
    }
    return uuids.flatMap(uuid => this.#byUuid.get(uuid) ?? []);
  }

  /**
   * The user or service with this entity ref, if it was ever seen here.
   *
   * @throws InputError when the ref is not a full entity ref
   */
  async findByRef(entityRef: string): Promise<ResolvedPrincipal | undefined> {
    const ref = toFullRef(entityRef);
    return this.#byRef.peek(ref) ?? this.#store.findByRef(ref);
  }
}

/** The one spelling of a ref: two spellings must not become two UUIDs. */
function toFullRef(text: string): string {
  let ref: string;
  try {
    ref = stringifyEntityRef(parseEntityRef(text));
  } catch {
    throw new InputError(
      'Not a full entity ref: expected kind:namespace/name, such as user:default/ada',
    );
  }
  if (ref.length > MAX_REF_LENGTH) {
    throw new InputError(
      `The entity ref has ${ref.length} characters; at most ${MAX_REF_LENGTH} are possible`,
    );
  }
  return ref;
}
