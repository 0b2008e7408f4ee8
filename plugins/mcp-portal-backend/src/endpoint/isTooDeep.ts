/** What guardrails and policies read is nested less; JSON functions fail at some thousands. */
const MAX_DEPTH = 128;

/** Whether a message is nested deeper than anything that has sense. Looks no deeper itself. */
export function isTooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  return (
    depth === MAX_DEPTH ||
    Object.values(value).some(item => isTooDeep(item, depth + 1))
  );
}
