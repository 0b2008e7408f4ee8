import { waitFor } from '@testing-library/react';

/** Waits for a button that takes no clicks at first. */
export async function waitUntilEnabled(button: HTMLElement): Promise<void> {
  await waitFor(() => expect(button).toBeEnabled());
}
