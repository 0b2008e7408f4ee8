import { setTimeout as sleep } from 'node:timers/promises';
import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { durationToMilliseconds, HumanDuration } from '@backstage/types';
import {
  CatalogGraph,
  CatalogNode,
  GRAPH_FIELDS,
  toNode,
} from './CatalogGraph';
import { catalogUnavailable } from '../errors/catalogUnavailable';

/** Small enough that parsing a page holds up nobody. */
const PAGE_SIZE = 500;

/** Pause between two passes at least, whoever asks for the next one. */
const MIN_PAUSE_MS = 250;

/**
 * Pause for each entity between two passes, while the catalog is changing. A
 * pass takes about 0.06 ms for each, so this is 6 % of one core at most.
 */
const PAUSE_MS_PER_ENTITY = 1;

/** The same where a caller misses an entity, who should not wait for long. */
const MISS_PAUSE_MS_PER_ENTITY = 0.1;

/** A graph that is so many intervals old answers no more: the catalog has to be asked itself. */
const MAX_AGE_FACTOR = 3;

/** Pause after a first pass that failed or found an empty catalog, as it is while a portal starts; doubled after each next one. */
const RETRY_MS = 1_000;

/** What one refresh changed, for those who keep something derived from the graph. */
export interface GraphChange {
  /** Nodes that are new or whose entity changed. */
  changed: CatalogNode[];
  /** Refs that are gone. */
  removed: string[];
}

/**
 * Keeps a {@link CatalogGraph} of the whole catalog, read with the plugin's
 * own credentials, and renews it.
 *
 * One pass over 16,000 entities takes about a second, most of it in the
 * catalog. A failing one keeps the last good graph.
 */
export class CatalogGraphCache {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #logger: LoggerService;
  readonly #listeners: Array<(change: GraphChange) => void | Promise<void>> =
    [];
  #nodes = new Map<string, CatalogNode>();
  #graph?: CatalogGraph;
  #refreshing?: Promise<CatalogGraph>;
  #changing = false;
  #longestMs = 0;
  #timer?: NodeJS.Timeout;
  #stopped = false;
  #refreshedAt = 0;

  constructor(options: {
    catalog: CatalogService;
    auth: AuthService;
    logger: LoggerService;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#logger = options.logger;
  }

  /**
   * Keeps the graph up to date from now on: soon again while the catalog is
   * changing, otherwise at the given interval.
   */
  start(interval: HumanDuration): void {
    const longest = durationToMilliseconds(interval);
    this.#longestMs = longest;
    let fruitless = 0;
    const renew = async () => {
      let pause = longest;
      try {
        await this.refresh();
        if (this.#nodes.size === 0) {
          pause = RETRY_MS * 2 ** fruitless++;
        } else {
          fruitless = 0;
          if (this.#changing) {
            pause = this.#pause(PAUSE_MS_PER_ENTITY);
          }
        }
      } catch (error) {
        this.#logger.warn(
          `Could not read the catalog, keeping the last graph of it: ${error}`,
        );
        pause = RETRY_MS * 2 ** fruitless++;
      }
      if (!this.#stopped) {
        this.#timer = setTimeout(renew, Math.min(pause, longest)).unref();
      }
    };
    this.#timer = setTimeout(renew, 0);
  }

  /** Ends what {@link CatalogGraphCache.start} began. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Calls back after each refresh, before anyone sees the new graph. */
  onChange(listener: (change: GraphChange) => void | Promise<void>): void {
    this.#listeners.push(listener);
  }

  /**
   * The current graph; the first call reads it.
   *
   * @throws ServiceUnavailableError when the catalog has never answered yet
   */
  async graph(): Promise<CatalogGraph> {
    return this.#graph ?? this.refresh();
  }

  /** The current graph, unless it could not be renewed for so long that it may be wrong by now. */
  recentGraph(): CatalogGraph | undefined {
    return Date.now() - this.#refreshedAt < this.#longestMs * MAX_AGE_FACTOR
      ? this.#graph
      : undefined;
  }

  /**
   * The graph, renewed unless that was done moments ago and nothing is changing.
   * For a caller that misses an entity, which may be new.
   */
  async freshGraph(): Promise<CatalogGraph> {
    const graph = await this.graph();
    const pause =
      this.#refreshedAt + this.#pause(MISS_PAUSE_MS_PER_ENTITY) - Date.now();
    if (pause > 0 && !this.#changing && graph.size > 0) {
      return graph;
    }
    await sleep(Math.max(0, pause));
    return this.refresh().catch(() => graph);
  }

  /** A graph that has an entity, which may have been registered a moment ago. */
  async graphWith(ref: string): Promise<CatalogGraph> {
    const graph = await this.graph();
    return graph.node(ref) ? graph : this.freshGraph();
  }

  /**
   * Reads the whole catalog again. Concurrent calls share one pass.
   *
   * @throws ServiceUnavailableError when the catalog does not answer
   */
  async refresh(): Promise<CatalogGraph> {
    this.#refreshing ??= this.#load().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #load(): Promise<CatalogGraph> {
    const startedAt = Date.now();
    const nodes = new Map<string, CatalogNode>();
    const changed: CatalogNode[] = [];
    try {
      const pages = this.#catalog.streamEntities(
        { fields: GRAPH_FIELDS, pageSize: PAGE_SIZE },
        { credentials: await this.#auth.getOwnServiceCredentials() },
      );
      for await (const page of pages) {
        for (const entity of page) {
          const node = this.#reuseUnchanged(toNode(entity));
          nodes.set(node.ref, node);
          if (this.#nodes.get(node.ref) !== node) {
            changed.push(node);
          }
        }
      }
    } catch (error) {
      throw catalogUnavailable(error);
    }
    const removed = [...this.#nodes.keys()].filter(ref => !nodes.has(ref));
    const graph = new CatalogGraph(nodes);
    for (const listener of this.#listeners) {
      await listener({ changed, removed });
    }
    this.#nodes = nodes;
    this.#graph = graph;
    this.#changing = changed.length + removed.length > 0;
    this.#refreshedAt = Date.now();
    this.#logger.debug(
      `Read ${nodes.size} entities in ${this.#refreshedAt - startedAt} ms, ${
        changed.length
      } of them new or changed`,
    );
    return graph;
  }

  #pause(msPerEntity: number): number {
    return Math.max(MIN_PAUSE_MS, this.#nodes.size * msPerEntity);
  }

  /** An entity's etag changes with whatever is stitched into it, relations included. */
  #reuseUnchanged(node: CatalogNode): CatalogNode {
    const known = this.#nodes.get(node.ref);
    return known?.etag && known.etag === node.etag ? known : node;
  }
}
