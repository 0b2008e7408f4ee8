import type { SchedulerService } from '@backstage/backend-plugin-api';
import type { Credentials } from './createCredentials';

/** Changes keys, deletes what has ended, and tells who has to do something, from time to time. */
export async function scheduleCredentials(options: {
  scheduler: SchedulerService;
  credentials: Pick<Credentials, 'clean' | 'notices'>;
}): Promise<void> {
  const { scheduler, credentials } = options;
  await scheduler.scheduleTask({
    id: 'clean-credentials',
    frequency: { minutes: 10 },
    timeout: { minutes: 5 },
    fn: () => credentials.clean(),
  });
  await scheduler.scheduleTask({
    id: 'tell-of-ending-credentials',
    frequency: { hours: 1 },
    timeout: { minutes: 10 },
    initialDelay: { minutes: 1 },
    fn: () => credentials.notices.send(),
  });
}
