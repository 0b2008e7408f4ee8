import type { SchedulerService } from '@backstage/backend-plugin-api';
import type { Approvals } from './Approvals';

/** Marks what has expired, and tells approvers of what they were not told, every minute on one replica. */
export async function scheduleApprovals(options: {
  scheduler: SchedulerService;
  approvals: Approvals;
}): Promise<void> {
  await options.scheduler.scheduleTask({
    id: 'look-after-approvals',
    frequency: { minutes: 1 },
    timeout: { minutes: 1 },
    initialDelay: { seconds: 30 },
    fn: async () => {
      await options.approvals.expire();
      await options.approvals.notifyUntold();
    },
  });
}
