import type { Release } from './Release';

const DAY_MS = 24 * 60 * 60_000;
const LAST_DAY = Date.UTC(2026, 10, 16, 9, 0);

/** By service: versions with their changes, newest first. The first of them waits in staging. */
const SEEDS: Record<string, Array<[version: string, ...changes: string[]]>> = {
  'payments-api': [
    ['4.13.0', 'Opens connections before it is ready', 'Java 25'],
    ['4.12.2', 'Answers refunds of deleted orders with 404'],
    ['4.12.1', 'Logs no card numbers in test mode'],
  ],
  'checkout-service': [
    ['2.31.0', 'Drops vouchers that have expired'],
    ['2.30.4', 'Shows the delivery fee before the payment'],
    ['2.30.3', 'Retries inventory once'],
  ],
  'identity-service': [
    ['7.2.1', 'Publishes the next signing key'],
    ['7.2.0', 'Passkeys for employees'],
    ['7.1.5', 'Faster token checks'],
  ],
  'search-service': [
    ['1.18.0', 'Folds umlauts'],
    ['1.17.9', 'Smaller index'],
    ['1.17.8', 'Synonyms for cheese'],
  ],
};

const STAGES = ['staging', 'production', 'retired'] as const;

/** The releases that are there from the start: always the same. */
export function seedReleases(): Release[] {
  return Object.entries(SEEDS).flatMap(([service, versions]) =>
    versions.map(([version, ...changes], index) => ({
      service,
      version,
      stage: STAGES[index],
      builtAt: new Date(LAST_DAY - index * 7 * DAY_MS).toISOString(),
      changes,
    })),
  );
}
