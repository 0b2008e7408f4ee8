import type { SchedulerService } from '@backstage/backend-plugin-api';
import type { ModelAccess } from '../access';
import { answerModels } from '../endpoint/answerModels';
import type { Answerers } from '../endpoint';
import type { ModelCatalogue } from '../models';
import type { Routes } from '../providers';
import { InferenceRequests, InferenceStages, OtherRequests } from '../requests';
import type { Upstreams } from '../upstream';

/** Puts together who answers what. */
export function createAnswerers(options: {
  stages: InferenceStages;
  routes: Routes;
  upstreams: Upstreams;
  forwardedHeaders: readonly string[];
  catalogue: ModelCatalogue;
  access: ModelAccess;
}): {
  answerers: Answerers;
  schedule(scheduler: SchedulerService): Promise<void>;
} {
  const { stages, access } = options;
  const inference = new InferenceRequests(stages);
  const others = new OtherRequests({ ...options, record: stages.record });
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
      create: exchange => others.handle(exchange),
      stored: exchange => others.handle(exchange),
      list: exchange => others.handle(exchange),
      other: exchange => others.handle(exchange),
    },
    async schedule() {},
  };
}
