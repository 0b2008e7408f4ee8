import type {
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import type { Knex } from 'knex';
import {
  BatchCheck,
  BatchCollection,
  BatchCounting,
  Batches,
  BatchFiles,
  BatchHolding,
  BatchRequests,
  BatchReservations,
  BatchStages,
  BatchStore,
  readBatchSettings,
} from '../batches';
import {
  expireObjects,
  Ownership,
  OwnershipStore,
  readOwnershipRetention,
} from '../ownership';
import type { Provider } from '../providers';
import { Relay } from '../relay';
import type { Exchange } from '../requests';
import type { Upstreams } from '../upstream';
import type { Operation } from '../wire';
import type { DenyStored } from './actions';
import { CacheRequests, CacheStages } from './CacheRequests';
import { readStoredLimits } from './config';
import { GoogleUploads } from './GoogleUploads';
import { ObjectCreation } from './ObjectCreation';
import { StoredRequests } from './StoredRequests';

type Answerer<T extends Operation['kind']> = (
  exchange: Exchange,
  operation: Extract<Operation, { kind: T }>,
) => Promise<void>;

/** What answers requests about what providers keep, and what has to be done for it. */
export interface Stored {
  answerers: {
    create: Answerer<'create'>;
    stored: Answerer<'stored'>;
    list: Answerer<'list'>;
  };
  tasks: {
    /** Forgets old objects. Returns how many. */
    expireObjects(): Promise<number>;
    /** Counts batches whose results nobody has fetched. Returns how many. */
    collectBatches(): Promise<number>;
    /** Settles what batches have set aside here that other replicas have counted. */
    settleBatches(): Promise<void>;
  };
  /** Runs the tasks from time to time. */
  schedule(scheduler: SchedulerService): Promise<void>;
  /** Settles what batches have set aside, as the replica ends. To be called before budgets end. */
  close(): void;
}

/**
 * Puts together what answers requests about files, uploads, batches, stored
 * responses and cached contents.
 *
 * @param options.providers - all that are configured
 * @param options.ownership - the one that requests to models ask as well
 * @param options.baseUrl - of the proxy, as clients know it, such as `https://portal.example/api/ai-proxy`
 * @param options.deny - policy on what may be kept at a provider
 * @param options.stages - those of requests to models, for the requests in batches and caches
 * @throws InputError naming the key, when the configuration cannot be used
 */
export function createStored(options: {
  config: Config;
  database: Knex;
  logger: LoggerService;
  providers: Provider[];
  upstreams: Upstreams;
  forwardedHeaders: readonly string[];
  ownershipStore: OwnershipStore;
  ownership: Ownership;
  baseUrl: string;
  deny: DenyStored;
  stages: BatchStages & CacheStages;
}): Stored {
  const { config, database, logger, providers, stages, deny, ownership } =
    options;
  const externalUrl = options.baseUrl;
  const limits = readStoredLimits(config);
  const settings = readBatchSettings(config);
  const retention = readOwnershipRetention(config);
  const { discountPercent } = settings;

  const relay = new Relay({
    upstreams: options.upstreams,
    forwardedHeaders: options.forwardedHeaders,
    record: event => stages.record(event),
  });

  const store = new BatchStore(database);
  const holding = new BatchHolding();
  const check = new BatchCheck({ stages, ownership, discountPercent });
  const reservations = new BatchReservations({ stages, store });
  const counting = new BatchCounting({
    store,
    stages,
    reservations,
    discountPercent,
  });
  const collection = new BatchCollection({
    store,
    relay,
    counting,
    stages,
    providers,
    settings,
    logger,
  });
  const batches = new Batches({
    store,
    ownership,
    relay,
    counting,
    collection,
    stages,
    settings,
    externalUrl,
    logger,
  });

  const creation = new ObjectCreation({
    relay,
    ownership,
    deny,
    limits,
    batchFiles: new BatchFiles({ check, holding }),
  });
  const requests = new StoredRequests({
    relay,
    ownership,
    providersAt: api => providers.filter(provider => provider.api === api),
    deny,
    limits,
    batches,
    batchRequests: new BatchRequests({
      relay,
      ownership,
      check,
      batches,
      holding,
      reservations,
      maxBytes: limits.batchBytes,
    }),
    creation,
    googleUploads: new GoogleUploads({
      relay,
      ownership,
      creation,
      deny,
      limits,
      externalUrl,
    }),
    caches: new CacheRequests({ relay, ownership, stages }),
  });

  const tasks = {
    expireObjects: () =>
      expireObjects(options.ownershipStore, retention, Date.now()),
    collectBatches: () => collection.collect(),
    settleBatches: () => reservations.settleCounted(),
  };

  return {
    answerers: {
      create: (exchange, operation) => requests.create(exchange, operation),
      stored: (exchange, operation) => requests.stored(exchange, operation),
      list: (exchange, operation) => requests.list(exchange, operation),
    },
    tasks,
    async schedule(scheduler) {
      await scheduler.scheduleTask({
        id: 'expire-stored-objects',
        frequency: { hours: 6 },
        timeout: { minutes: 30 },
        initialDelay: { minutes: 10 },
        fn: async () => {
          await tasks.expireObjects();
        },
      });
      await scheduler.scheduleTask({
        id: 'collect-batches',
        frequency: { minutes: 15 },
        timeout: { hours: 2 },
        initialDelay: { minutes: 3 },
        fn: async () => {
          await tasks.collectBatches();
        },
      });
      await scheduler.scheduleTask({
        id: 'settle-batches',
        scope: 'local',
        frequency: { minutes: 5 },
        timeout: { minutes: 4 },
        fn: () => tasks.settleBatches(),
      });
    },
    close: () => reservations.close(),
  };
}
