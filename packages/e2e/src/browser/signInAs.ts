import type { Page } from 'playwright-core';

/** People of the demo organisation, as the pages call them. */
export const PERSONA_NAMES = {
  ada: 'Ada Ferreira',
  linus: 'Linus Holm',
  joan: 'Joan Okafor',
  grace: 'Grace Tanaka',
} as const;

/**
 * Signs in from the portal's sign-in page, which has to be open.
 *
 * @param options.onPersonaPage - called with the window in which one chooses who to be
 */
export async function signInAs(
  page: Page,
  options: {
    persona: keyof typeof PERSONA_NAMES;
    onPersonaPage?: (popup: Page) => Promise<void>;
  },
): Promise<void> {
  const { persona, onPersonaPage } = options;
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('button', { name: 'Sign in' }).click(),
  ]);
  const choice = popup.getByRole('button', { name: PERSONA_NAMES[persona] });
  await choice.waitFor();
  await onPersonaPage?.(popup);
  await Promise.all([popup.waitForEvent('close'), choice.click()]);
}
