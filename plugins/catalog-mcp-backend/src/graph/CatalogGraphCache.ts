import type {
  AuthService,
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import { ServiceUnavailableError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { HumanDuration } from '@backstage/types';
import {
  CatalogGraph,
  CatalogNode,
  GRAPH_FIELDS,
  toNode,
} from './CatalogGraph';

const PAGE_SIZE = 1_000;

/** At most one unscheduled refresh in this time, whoever asks for it. */
const MIN_REFRESH_INTERVAL_MS = 5_000;

/** What one refresh changed, for those who keep something derived from the graph. */
export interface GraphChange {
  graph: CatalogGraph;
  /** Nodes that are new or whose entity changed. */
  changed: CatalogNode[];
  /** Refs that are gone. */
  removed: string[];
}

/**
 * Keeps a {@link CatalogGraph} of the whole catalog, read with the plugin's
 * own credentials, and renews it on a schedule.
 *
 * One pass over 20,000 entities takes about 0.7 s of the catalog's time. A
 * failing refresh keeps the last good graph.
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
   * Renews the graph on a schedule, in this process only: each replica has its own.
   */
  async schedule(options: {
    scheduler: SchedulerService;
    frequency: HumanDuration;
  }): Promise<void> {
    await options.scheduler.scheduleTask({
      id: 'catalog-mcp-refresh-graph',
      scope: 'local',
      frequency: options.frequency,
      timeout: { minutes: 5 },
      fn: async () => {
        await this.refresh().catch(error =>
          this.#logger.warn(
            `Could not refresh the catalog graph, keeping the last one: ${error}`,
          ),
        );
      },
    });
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

  /**
   * The graph, renewed first unless that was done moments ago. For a caller
   * that knows of an entity which the graph does not have yet.
   */
  async freshGraph(): Promise<CatalogGraph> {
    if (
      this.#graph &&
      Date.now() - this.#refreshedAt < MIN_REFRESH_INTERVAL_MS
    ) {
      return this.#graph;
    }
    return this.refresh().catch(error => {
      if (this.#graph) {
        return this.#graph;
      }
      throw error;
    });
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
      throw new ServiceUnavailableError(
        'The software catalog does not answer right now. Try again in a moment',
        error,
      );
    }
    const removed = [...this.#nodes.keys()].filter(ref => !nodes.has(ref));
    const graph = new CatalogGraph(nodes);
    for (const listener of this.#listeners) {
      await listener({ graph, changed, removed });
    }
    this.#nodes = nodes;
    this.#graph = graph;
    this.#refreshedAt = Date.now();
    return graph;
  }

  /** An entity's etag changes with whatever is stitched into it, relations included. */
  #reuseUnchanged(node: CatalogNode): CatalogNode {
    const known = this.#nodes.get(node.ref);
    return known?.etag && known.etag === node.etag ? known : node;
  }
}
