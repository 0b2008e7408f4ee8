import { isRecord } from './isRecord';
import type { LayerDraft } from './LayerDraft';
import type { KeyPath } from './Locations';

/** JavaScript, and JSON that it reads, puts such keys before all others. */
const WHOLE_NUMBER = /^(?:0|[1-9]\d*)$/;

const EVERYTHING = '*';

/**
 * The last rule that matches counts, so their order has to be the one in which
 * they are written, and `*` can only be the first.
 */
export function checkPermissions(draft: LayerDraft): void {
  const { permission, agent } = draft.layer.config;
  checkRules(draft, permission, ['permission']);
  for (const [name, value] of Object.entries(isRecord(agent) ? agent : {})) {
    if (isRecord(value)) {
      checkRules(draft, value.permission, ['agent', name, 'permission']);
    }
  }
}

function checkRules(draft: LayerDraft, rules: unknown, path: KeyPath): void {
  if (!isRecord(rules)) {
    return;
  }
  const all = Object.keys(rules);
  const keys = all.filter(name => !WHOLE_NUMBER.test(name));
  for (const key of all.filter(name => WHOLE_NUMBER.test(name))) {
    draft.problemAt(
      [...path, key],
      `the rule "${key}" would not keep its place, as it is a number; write it with a wildcard, such as "${key}*"`,
    );
  }
  if (keys.indexOf(EVERYTHING) > 0) {
    draft.problemAt(
      [...path, EVERYTHING],
      'the last rule that matches counts, so "*" would replace all rules above it; make it the first',
    );
  }
  for (const key of keys) {
    checkRules(draft, rules[key], [...path, key]);
  }
}
