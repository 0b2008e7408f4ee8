import type { LoggerService } from '@backstage/backend-plugin-api';
import { ConflictError, toError } from '@backstage/errors';
import { LRUCache } from 'lru-cache';
import { Reference, RefusedError, StoredKind } from '../wire';
import { notFound } from './notFound';
import type { OwnedObject, Place } from './OwnedObject';
import type { OwnershipStore, PageQuery } from './OwnershipStore';
import { referredObject } from './references';

/** A few hundred bytes each. Objects do not change hands, so that they can be remembered for long. */
const REMEMBERED = 20_000;

/** What was deleted through another replica is asked of the provider in vain for this long. */
const REMEMBERED_MS = 10 * 60_000;

/** In one request; more than any API takes. */
const MAX_REFERENCES = 5_000;

/** Knows whose the things are that providers keep for all callers together. */
export class Ownership {
  readonly #store: OwnershipStore;
  readonly #logger: LoggerService;
  readonly #remembered = new LRUCache<string, OwnedObject>({
    max: REMEMBERED,
    ttl: REMEMBERED_MS,
  });

  constructor(options: { store: OwnershipStore; logger: LoggerService }) {
    this.#store = options.store;
    this.#logger = options.logger;
  }

  /**
   * Writes down whose an object is. To be done before its id is told to anybody.
   *
   * @throws ConflictError when it is somebody else's already
   */
  async record(object: OwnedObject): Promise<void> {
    if (!(await this.#store.write(object))) {
      throw new ConflictError(
        `The ${object.kind} ${object.id} of ${object.provider} is somebody else's already`,
      );
    }
    this.#remembered.set(keyOf(object), object);
  }

  /**
   * The same for what the caller knows already, such as a response that has been
   * streamed: known here at once, and to other replicas a moment later. A failure
   * is logged; the object is lost to its owner after a while then, and to
   * everybody else. What is somebody else's stays theirs.
   */
  keep(object: OwnedObject): void {
    this.#remembered.set(keyOf(object), object);
    this.record(object).catch(error => {
      if (error instanceof ConflictError) {
        this.#remembered.delete(keyOf(object));
      }
      this.#logger.error(
        `Could not write down whose a ${object.kind} is`,
        toError(error),
      );
    });
  }

  /** Somebody's object; undefined when it is another's or nobody's. */
  async find(
    principal: string,
    providers: string[],
    kind: StoredKind,
    id: string,
  ): Promise<OwnedObject | undefined> {
    const found =
      this.#known(providers, kind, id) ??
      this.#remember(await this.#store.find(providers, [kind], [id]))[0];
    return found?.principal === principal ? found : undefined;
  }

  /** One page of somebody's objects. */
  page(query: PageQuery): Promise<OwnedObject[]> {
    return this.#store.page(query);
  }

  /** Forgets an object, as the provider has it no more. */
  async forget(
    object: Pick<OwnedObject, 'provider' | 'kind' | 'id'>,
  ): Promise<void> {
    this.#remembered.delete(keyOf(object));
    await this.#store.delete(object.provider, object.kind, object.id);
  }

  /**
   * Checks that everything a request refers to is the caller's, and finds where
   * it lives. At once for what is remembered.
   *
   * @param providers - names of those that may be asked
   * @returns undefined when the request refers to nothing
   * @throws RefusedError 404 when something is another's or nobody's; 400 when not all of it lives in one place
   */
  checkReferences(
    principal: string,
    providers: string[],
    references: readonly Reference[],
  ): Place | undefined | Promise<Place | undefined> {
    if (references.length === 0) {
      return undefined;
    }
    if (references.length > MAX_REFERENCES) {
      throw new RefusedError({
        status: 400,
        reason: 'references',
        message: `The request refers to ${references.length} things; ${MAX_REFERENCES} are the most`,
      });
    }
    const wanted = references.map(referredObject);
    const unknown = wanted.filter(
      ({ kind, id }) => !kind || !this.#known(providers, kind, id),
    );
    return unknown.length === 0
      ? this.#placeOf(principal, providers, wanted)
      : this.#readThrough(providers, unknown).then(() =>
          this.#placeOf(principal, providers, wanted),
        );
  }

  async #readThrough(providers: string[], wanted: Wanted[]): Promise<void> {
    const missing = wanted.find(({ kind }) => !kind);
    if (missing) {
      throw notFound(undefined, missing.id);
    }
    this.#remember(
      await this.#store.find(
        providers,
        [...new Set(wanted.map(({ kind }) => kind!))],
        [...new Set(wanted.map(({ id }) => id))],
      ),
    );
  }

  #placeOf(principal: string, providers: string[], wanted: Wanted[]): Place {
    const places = new Map<string, Place>();
    let inputTokens = 0;
    for (const { kind, id } of wanted) {
      const object = this.#known(providers, kind!, id);
      if (object?.principal !== principal) {
        throw notFound(kind, id);
      }
      const { provider, target, detail } = object;
      inputTokens += detail.tokens ?? 0;
      places.set(`${provider} ${target}`, { provider, target, inputTokens });
    }
    if (places.size > 1) {
      throw new RefusedError({
        status: 400,
        reason: 'references',
        message:
          'The request refers to things that live at different providers or deployments. Upload them again, to have them in one place',
      });
    }
    return [...places.values()][0];
  }

  #known(
    providers: string[],
    kind: StoredKind,
    id: string,
  ): OwnedObject | undefined {
    for (const provider of providers) {
      const object = this.#remembered.get(keyOf({ provider, kind, id }));
      if (object) {
        return object;
      }
    }
    return undefined;
  }

  #remember(objects: OwnedObject[]): OwnedObject[] {
    objects.forEach(object => this.#remembered.set(keyOf(object), object));
    return objects;
  }
}

interface Wanted {
  kind: StoredKind | undefined;
  id: string;
}

function keyOf({
  provider,
  kind,
  id,
}: Pick<OwnedObject, 'provider' | 'kind' | 'id'>): string {
  return `${provider} ${kind} ${id}`;
}
