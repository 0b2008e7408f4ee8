import type {
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import type { Knex } from 'knex';
import type { ModelAccess } from '../access';
import type { BatchStages } from '../batches';
import { answerModels } from '../endpoint/answerModels';
import type { Answerers } from '../endpoint';
import type { ModelCatalogue } from '../models';
import type { Ownership, OwnershipStore } from '../ownership';
import type { Provider, Routes } from '../providers';
import { OtherRequests, Relay } from '../relay';
import { InferenceRequests, InferenceStages } from '../requests';
import { createStored } from '../stored';
import type { Upstreams } from '../upstream';

/** Puts together who answers what. */
export function createAnswerers(options: {
  stages: InferenceStages & BatchStages;
  routes: Routes;
  upstreams: Upstreams;
  forwardedHeaders: readonly string[];
  catalogue: ModelCatalogue;
  access: ModelAccess;
  config: Config;
  database: Knex;
  logger: LoggerService;
  providers: Provider[];
  ownershipStore: OwnershipStore;
  ownership: Ownership;
  /** External base URL of the plugin. */
  baseUrl: string;
}): {
  answerers: Answerers;
  /** Runs what has to be done from time to time. */
  schedule(scheduler: SchedulerService): Promise<void>;
  /** To be called before budgets end. */
  close(): void;
} {
  const { stages, access } = options;
  const inference = new InferenceRequests(stages);
  const others = new OtherRequests({
    ...options,
    relay: new Relay({ ...options, record: stages.record }),
  });
  const stored = createStored({
    ...options,
    deny: ({ principal, attribution }, provider, action) =>
      access.denyProvider({ principal, attribution, provider, action }),
  });
  const ask: Answerers['inference'] = (exchange, operation) =>
    inference.handle(exchange, operation);
  return {
    answerers: {
      inference: ask,
      count: (exchange, operation) => inference.handle(exchange, operation),
      models: answerModels({
        ...options,
        mayUse: principal => access.mayUse(principal),
      }),
      ...stored.answerers,
      other: exchange => others.handle(exchange),
    },
    schedule: scheduler => stored.schedule(scheduler),
    close: () => stored.close(),
  };
}
