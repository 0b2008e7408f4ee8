import { Entity } from '@backstage/catalog-model';
import { annotation, textOf, withoutEmpty } from './entities';

/** Annotations by which the usual on-call tools are connected, and the tool's name. */
const ON_CALL_ANNOTATIONS: Record<string, string> = {
  'pagerduty.com/service-id': 'PagerDuty service',
  'pagerduty.com/integration-key': 'PagerDuty integration',
  'pagerduty.com/escalation-policy': 'PagerDuty escalation policy',
  'opsgenie.com/component-selector': 'Opsgenie selector',
  'opsgenie.com/team': 'Opsgenie team',
  'splunk.com/on-call-team': 'Splunk On-Call team',
  'ilert.com/integration-key': 'ilert integration',
  'firehydrant.com/service-name': 'FireHydrant service',
  'grafana/oncall-team': 'Grafana OnCall team',
};

/** Annotations whose value opens the integration, and so is a secret: never shown. */
const SECRET_ANNOTATIONS = new Set([
  'pagerduty.com/integration-key',
  'ilert.com/integration-key',
]);

const CHAT_HOSTS =
  /(^|\.)(slack\.com|teams\.microsoft\.com|discord\.(com|gg)|chat\.google\.com|zulipchat\.com)$/;
const CHAT_WORDS = /\b(chat|slack|teams|discord|zulip|mattermost|channel)\b/i;

/** Who is called when it breaks, such as `PagerDuty service PXYZ123`. */
export function findOnCall(entity: Entity): string | undefined {
  for (const [key, tool] of Object.entries(ON_CALL_ANNOTATIONS)) {
    const value = annotation(entity, key);
    if (value) {
      return SECRET_ANNOTATIONS.has(key) ? tool : `${tool} ${value}`;
    }
  }
  return undefined;
}

/** How to reach a team, a person, or whoever looks after an entity. */
export interface Contacts {
  email?: string;
  chat?: string;
  onCall?: string;
}

/** Reads the contacts from an entity's profile, links and annotations. */
export function findContacts(entity: Entity): Contacts {
  const profile = entity.spec?.profile as { email?: unknown } | undefined;
  return withoutEmpty({
    email: textOf(profile?.email),
    chat: findChat(entity),
    onCall: findOnCall(entity),
  });
}

function findChat(entity: Entity): string | undefined {
  return entity.metadata.links?.find(
    ({ url, title, icon, type }) =>
      CHAT_WORDS.test([title, icon, type].join(' ')) ||
      (URL.canParse(url) && CHAT_HOSTS.test(new URL(url).hostname)),
  )?.url;
}
