import type { Prompt } from '../prompts';
import { RefusedError } from '../wire';
import type { PromptGuards } from './PromptGuards';

/**
 * The prompt without what must not leave.
 *
 * @param exchange - where it is noted which detectors found something
 * @throws RefusedError when it must not leave at all
 */
export function guardPrompt(
  guards: PromptGuards | undefined,
  exchange: { detectors: string[] },
  prompt: Prompt,
): Prompt {
  if (!guards) {
    return prompt;
  }
  const { blockedBy, detectors, summary, changed } = guards.inspect(prompt);
  if (detectors.length > 0) {
    exchange.detectors = [...new Set([...exchange.detectors, ...detectors])];
  }
  if (blockedBy) {
    throw new RefusedError({
      status: 400,
      reason: `guardrail:${blockedBy}`,
      message: `The request was not sent: it has ${summary}. Take it out, or ask the administrators of the portal`,
    });
  }
  return changed ?? prompt;
}
