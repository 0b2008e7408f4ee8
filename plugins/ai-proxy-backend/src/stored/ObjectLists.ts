import type { ApiName } from '@prompt-corner/plugin-ai-proxy-common';
import { notFound, OwnedObject, Ownership } from '../ownership';
import type { Provider } from '../providers';
import { readWhole, Relay, Relayed } from '../relay';
import type { Exchange } from '../requests';
import { Fields, Operation, RefusedError, StoredKind } from '../wire';
import { ListedObject, readListQuery, writeList } from './listFormats';

type Listing = Extract<Operation, { kind: 'list' }>;

/** How many objects are asked for at the same time. */
const AT_ONCE = 8;

/**
 * Lists a caller's objects: from what is known of whose they are, page by page;
 * each is then asked for by its id. So nobody sees as much as the id of
 * another's, a page is as full as it can be, and objects at several providers
 * and keys are in one list. A provider's own list would have everybody's.
 *
 * What the provider does not have any more is left out, and forgotten. When it
 * cannot be asked, there is no list, as a shorter one would be taken for whole.
 */
export class ObjectLists {
  readonly #ownership: Ownership;
  readonly #relay: Relay;
  readonly #present: (
    exchange: Exchange,
    object: OwnedObject,
    found: { json: Buffer; body: Fields },
  ) => Promise<Buffer>;

  /** @param options.present - takes note of an object that is shown, and makes what the client gets of it */
  constructor(options: {
    ownership: Ownership;
    relay: Relay;
    present: (
      exchange: Exchange,
      object: OwnedObject,
      found: { json: Buffer; body: Fields },
    ) => Promise<Buffer>;
  }) {
    this.#ownership = options.ownership;
    this.#relay = options.relay;
    this.#present = options.present;
  }

  /**
   * Answers with a page.
   *
   * @param providers - at which the caller may have objects
   */
  async answer(
    exchange: Exchange,
    operation: Listing,
    providers: Provider[],
  ): Promise<Relayed> {
    const { api, stores } = operation;
    const query = readListQuery(api, exchange.query);
    const cursor = await this.#cursor(exchange, providers, stores, query);
    const isBackwards = query.cursor?.direction === 'before';
    const newestFirst = query.order === 'newest';
    const page = {
      principal: exchange.principal.uuid,
      providers: providers.map(({ name }) => name),
      kind: stores,
      order: (newestFirst === isBackwards ? 'oldest' : 'newest') as
        | 'newest'
        | 'oldest',
    };
    const found: ListedObject[] = [];
    let after: OwnedObject | undefined = cursor;
    let hasMore = true;
    while (hasMore && found.length < query.limit) {
      const wanted = query.limit - found.length;
      const objects = await this.#ownership.page({
        ...page,
        after,
        // One more says whether there is another page.
        limit: wanted + 1,
      });
      hasMore = objects.length > wanted;
      const shown = objects.slice(0, wanted);
      after = shown.at(-1) ?? after;
      found.push(
        ...(await this.#describe(
          exchange,
          operation,
          providers,
          shown.filter(
            ({ detail }) =>
              query.purpose === undefined || detail.purpose === query.purpose,
          ),
        )),
      );
    }
    const body = writeList(api, stores, {
      objects: isBackwards ? found.reverse() : found,
      hasMore,
    });
    exchange.firstByte();
    exchange.response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': body.length,
      'cache-control': 'no-store, no-transform',
      'x-ai-proxy-request-id': exchange.id,
    });
    exchange.response.end(body);
    return { provider: providers[0], status: 200 };
  }

  async #cursor(
    exchange: Exchange,
    providers: Provider[],
    kind: StoredKind,
    { cursor }: ReturnType<typeof readListQuery>,
  ): Promise<OwnedObject | undefined> {
    if (!cursor) {
      return undefined;
    }
    const object = await this.#ownership.find(
      exchange.principal.uuid,
      providers.map(({ name }) => name),
      kind,
      cursor.id,
    );
    if (!object) {
      throw notFound(kind, cursor.id);
    }
    return object;
  }

  /** The objects as their providers describe them, in the same order, without those that are gone. */
  async #describe(
    exchange: Exchange,
    { api, path }: Listing,
    providers: Provider[],
    objects: OwnedObject[],
  ): Promise<ListedObject[]> {
    const found: ListedObject[] = [];
    for (let start = 0; start < objects.length; start += AT_ONCE) {
      const some = await Promise.all(
        objects.slice(start, start + AT_ONCE).map(async object => {
          const provider = providers.find(
            ({ name }) => name === object.provider,
          )!;
          return this.#describeOne(exchange, api, path, provider, object);
        }),
      );
      found.push(...some.filter(one => one !== undefined));
    }
    return found;
  }

  async #describeOne(
    exchange: Exchange,
    api: ApiName,
    path: string,
    provider: Provider,
    object: OwnedObject,
  ): Promise<ListedObject | undefined> {
    const answer = await this.#relay.ask(exchange, {
      provider,
      pin: object,
      method: 'GET',
      path: `${path}/${encodeURIComponent(object.id)}`,
    });
    const whole = await readWhole(answer);
    const status = answer.response.statusCode!;
    if (status === 404) {
      await this.#ownership.forget(object);
      return undefined;
    }
    // Gemini says 403 of files that are gone.
    if (status === 403 && api === 'google-ai-studio') {
      return undefined;
    }
    if (status !== 200 || Object.keys(whole.body).length === 0) {
      throw new RefusedError({
        status: 502,
        reason: 'provider_list',
        message: `The provider answered ${status} when it was asked for "${object.id}", so that the list would not be whole. Try again`,
      });
    }
    return {
      id: object.id,
      json: await this.#present(exchange, object, whole),
    };
  }
}
