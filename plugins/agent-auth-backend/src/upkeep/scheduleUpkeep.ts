import type { SchedulerService } from '@backstage/backend-plugin-api';
import type { AuthorizationServer } from '../authorizationServer/AuthorizationServer';
import type { BackstageSessions } from '../backstageSessions/BackstageSessions';
import type { Connections } from '../connections';
import type { ServerKeys } from '../keys/ServerKeys';
import type { OAuthRecords } from '../records/OAuthRecords';
import type { Residents } from '../residents/Residents';
import type { Revocations } from '../revocations/Revocations';

/** Deletes what has ended, and changes keys, from time to time. */
export async function scheduleUpkeep(options: {
  scheduler: SchedulerService;
  keys: ServerKeys;
  server: AuthorizationServer;
  records: OAuthRecords;
  revocations: Revocations;
  connections: Connections;
  residents: Residents;
  sessions: BackstageSessions;
}): Promise<void> {
  const {
    scheduler,
    keys,
    server,
    records,
    revocations,
    connections,
    residents,
    sessions,
  } = options;
  await scheduler.scheduleTask({
    id: 'delete-ended',
    frequency: { minutes: 10 },
    timeout: { minutes: 5 },
    initialDelay: { minutes: 1 },
    fn: async () => {
      await records.deleteExpired();
      await revocations.deleteOld();
      await connections.deleteEnded();
      await sessions.endUnused();
    },
  });
  // In each replica, because each notices by itself for how long somebody has been absent.
  await scheduler.scheduleTask({
    id: 'check-residents',
    scope: 'local',
    frequency: { minutes: 30 },
    timeout: { minutes: 10 },
    initialDelay: { minutes: 10 },
    fn: () => residents.checkAll(),
  });
  await scheduler.scheduleTask({
    id: 'rotate-keys',
    frequency: { hours: 1 },
    timeout: { minutes: 1 },
    fn: () => keys.rotate(),
  });
  // A key is announced for a day, so every replica has it long before it signs.
  await scheduler.scheduleTask({
    id: 'reload-keys',
    scope: 'local',
    frequency: { minutes: 10 },
    timeout: { minutes: 1 },
    initialDelay: { minutes: 10 },
    fn: () => server.reload(),
  });
}
