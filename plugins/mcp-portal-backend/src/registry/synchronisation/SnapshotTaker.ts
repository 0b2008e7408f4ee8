import type { ServerRemote } from '@prompt-corner/plugin-mcp-portal-common';
import {
  DefinitionScreen,
  DefinitionStore,
  pinSnapshot,
  ScreenedDefinition,
  ServerSnapshot,
} from '../../definitions';
import type { ServerAbout, ServerRecord } from '../ServerRecord';
import type { ServerStore } from '../ServerStore';
import { aboutOf } from './aboutOf';
import { screenSnapshot } from './screenSnapshot';
import type { SnapshotReader } from './SnapshotReader';

/** What a server offers, pinned and screened. */
export interface TakenSnapshot {
  about: ServerAbout;
  definitions: ScreenedDefinition[];
}

/** Reads what a server offers, pins it, and screens what is new in it. Stores nothing. */
export class SnapshotTaker {
  readonly #servers: ServerStore;
  readonly #definitions: DefinitionStore;
  readonly #reader: SnapshotReader;
  readonly #screen: DefinitionScreen;
  readonly #timeoutMs: number;
  readonly #stop: AbortSignal;

  constructor(options: {
    servers: ServerStore;
    definitions: DefinitionStore;
    reader: SnapshotReader;
    screen: DefinitionScreen;
    timeoutMs: number;
    /** Breaks everything off. */
    stop: AbortSignal;
  }) {
    this.#servers = options.servers;
    this.#definitions = options.definitions;
    this.#reader = options.reader;
    this.#screen = options.screen;
    this.#timeoutMs = options.timeoutMs;
    this.#stop = options.stop;
  }

  /**
   * @param as - UUID of the user as whom to sign in, where each user does
   * @throws PortalUnavailableError when the portal itself cannot ask now
   * @throws whatever the server or the way to it got wrong; InputError when the snapshot cannot be used
   */
  async take(
    server: ServerRecord,
    remotes: ServerRemote[],
    as: string | undefined,
  ): Promise<TakenSnapshot> {
    const snapshot = await this.#read(server, remotes, as);
    return {
      about: aboutOf(snapshot),
      definitions: await this.#screened(server, snapshot),
    };
  }

  async #read(
    { entityRef, name }: ServerRecord,
    remotes: ServerRemote[],
    as: string | undefined,
  ): Promise<ServerSnapshot> {
    const signal = AbortSignal.any([
      this.#stop,
      AbortSignal.timeout(this.#timeoutMs),
    ]);
    signal.throwIfAborted();
    // A reader that does not listen to the signal must not hold up everything.
    return Promise.race([
      this.#reader.read({ entityRef, name, remotes }, { signal, as }),
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () =>
          reject(
            new Error(
              `No complete answer after ${this.#timeoutMs / 1000} seconds`,
            ),
          ),
        );
      }),
    ]);
  }

  async #screened(
    server: ServerRecord,
    snapshot: ServerSnapshot,
  ): Promise<ScreenedDefinition[]> {
    const names = new Map(
      (await this.#servers.list())
        .filter(({ approvedBy }) => approvedBy !== undefined)
        .map(({ entityRef, name }) => [entityRef, name]),
    );
    const others = await this.#definitions.toolNames(server.entityRef);
    return screenSnapshot({
      screen: this.#screen,
      definitions: await pinSnapshot(snapshot),
      isKnown: await this.#definitions.pins(server.entityRef),
      context: {
        server: server.name,
        otherTools: others.flatMap(({ entityRef, name }) => {
          const other = names.get(entityRef);
          return other ? [{ server: other, name }] : [];
        }),
      },
    });
  }
}
