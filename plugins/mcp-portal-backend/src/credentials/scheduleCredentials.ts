import type { SchedulerService } from '@backstage/backend-plugin-api';
import type { Credentials } from './createCredentials';

/** Changes keys, encrypts anew, deletes what has ended, and tells who has to do something, from time to time. */
export async function scheduleCredentials(options: {
  scheduler: SchedulerService;
  credentials: Pick<
    Credentials,
    'clean' | 'departures' | 'notices' | 'resealing'
  >;
}): Promise<void> {
  const { scheduler, credentials } = options;
  await scheduler.scheduleTask({
    id: 'clean-credentials',
    frequency: { minutes: 10 },
    timeout: { minutes: 5 },
    fn: () => credentials.clean(),
  });
  await scheduler.scheduleTask({
    id: 'encrypt-anew',
    frequency: { hours: 1 },
    timeout: { minutes: 30 },
    // Replicas of before go on for a while, and may not have the key.
    initialDelay: { minutes: 5 },
    fn: async () => {
      await credentials.resealing.run();
    },
  });
  await scheduler.scheduleTask({
    id: 'end-departed-connections',
    frequency: { minutes: 30 },
    timeout: { minutes: 10 },
    initialDelay: { minutes: 10 },
    fn: () => credentials.departures.end(),
  });
  await scheduler.scheduleTask({
    id: 'tell-of-ending-credentials',
    frequency: { hours: 1 },
    timeout: { minutes: 10 },
    initialDelay: { minutes: 1 },
    fn: () => credentials.notices.send(),
  });
}
