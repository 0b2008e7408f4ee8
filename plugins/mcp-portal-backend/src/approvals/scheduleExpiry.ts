import type { SchedulerService } from '@backstage/backend-plugin-api';
import type { Approvals } from './Approvals';

/** Marks what has expired, every minute on one replica. Nothing depends on it: what is over is refused anyway. */
export async function scheduleExpiry(options: {
  scheduler: SchedulerService;
  approvals: Approvals;
}): Promise<void> {
  await options.scheduler.scheduleTask({
    id: 'expire-approvals',
    frequency: { minutes: 1 },
    timeout: { minutes: 1 },
    initialDelay: { seconds: 30 },
    fn: async () => {
      await options.approvals.expire();
    },
  });
}
