import type { LoggerService } from '@backstage/backend-plugin-api';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import { DateTime } from 'luxon';
import { amountText } from '../refusals';
import type { BudgetAlert } from './BudgetAlerts';

/**
 * Tells people by Backstage's notifications, which may go on to mail or chat: a
 * user of their own budgets, a group of its own, and whom a shared budget names.
 * Nobody is named in them but the group that is told.
 *
 * @param options.recipientOf - the entity ref of a user by UUID; undefined for those who left
 * @param options.link - path of the page that shows budgets
 */
export function notifyBudgetAlert(options: {
  notifications: NotificationService;
  recipientOf: (uuid: string) => Promise<string | undefined>;
  link: string;
  logger: LoggerService;
}): (alert: BudgetAlert) => Promise<void> {
  const { notifications, recipientOf, link, logger } = options;
  return async alert => {
    const { budget, bucket, percent, recipients } = alert;
    const user = recipients.user && (await recipientOf(recipients.user));
    const entityRef = [
      ...new Set([user, recipients.team, ...recipients.others]),
    ].filter(ref => ref !== undefined && ref !== '');
    if (!entityRef.length) {
      logger.warn(
        `${percent} % of the budget "${budget.name}" are used, and there is nobody to tell; name somebody in its "notify"`,
      );
      return;
    }
    await notifications.send({
      recipients: { type: 'entity', entityRef: entityRef as string[] },
      payload: {
        title: titleOf(alert),
        description: descriptionOf(alert),
        link,
        severity: percent >= 100 ? 'high' : 'normal',
        topic: 'ai-budgets',
        // Told twice, it is still one notification.
        scope: `ai-budget:${bucket.id}:${percent}`,
      },
    });
  };
}

function titleOf({ budget, percent }: BudgetAlert): string {
  return percent >= 100
    ? `The AI budget "${budget.name}" is used up`
    : `${percent} % of the AI budget "${budget.name}" are used`;
}

function descriptionOf({ budget, bucket, recipients }: BudgetAlert): string {
  const { timeZone, unit, limit, window, soft } = budget;
  const resets = DateTime.fromMillis(bucket.endMs, {
    zone: timeZone,
    locale: 'en-US',
  }).toFormat('yyyy-MM-dd HH:mm');
  const whose = recipients.team ? ` for ${recipients.team}` : '';
  const effect = soft ? ' Requests go on when it is used up.' : '';
  return `${amountText(
    unit,
    limit,
  )} a ${window}${whose}. It begins anew at ${resets} (${timeZone}).${effect}`;
}
