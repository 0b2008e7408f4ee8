import type { AuditorService } from '@backstage/backend-plugin-api';
import type { JsonObject } from '@backstage/types';

/**
 * Says in the Backstage audit log who looked at what others did. Not with the
 * request, which would tell it the user's name.
 *
 * @param principal - UUID of a user, or the subject of a service
 */
export async function reportRead(
  auditor: AuditorService,
  eventId: string,
  principal: string,
  what: JsonObject,
): Promise<void> {
  const event = await auditor.createEvent({
    eventId,
    severityLevel: 'medium',
    meta: { principal, ...what },
  });
  await event.success();
}
