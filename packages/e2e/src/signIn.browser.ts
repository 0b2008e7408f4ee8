import type { Browser } from 'playwright-core';
import {
  ColorScheme,
  openBrowser,
  PERSONA_NAMES,
  signInAs,
  startVisit,
  Visit,
} from './browser';
import { useDemo } from './demo';

const demo = useDemo();

describe('the portal', () => {
  let browser: Browser;
  let visit: Visit;

  beforeAll(async () => {
    browser = await openBrowser();
  });

  afterEach(async () => {
    await visit?.end();
  });

  afterAll(async () => {
    await browser?.close();
  });

  it.each<{
    persona: 'ada' | 'linus';
    scheme: ColorScheme;
    owns: string;
  }>([
    { persona: 'ada', scheme: 'light', owns: 'Deploy controller' },
    { persona: 'linus', scheme: 'dark', owns: 'Settlement worker' },
  ])(
    'signs $persona in and out, and shows what $persona owns, in $scheme colours',
    async ({ persona, scheme, owns }) => {
      visit = await startVisit(browser, scheme);
      const { page, photograph } = visit;
      const signInButton = page.getByRole('button', { name: 'Sign in' });

      await page.goto(demo.url);
      await signInButton.waitFor();
      await photograph('sign-in');
      await signInAs(page, {
        persona,
        onPersonaPage: popup => photograph('personas', popup),
      });

      await page.getByRole('link', { name: owns }).waitFor();
      await photograph('catalog');

      await page.goto(`${demo.url}/catalog/default/component/payments-api`);
      await page.getByText(/^Authorises, captures, refunds/).waitFor();
      await photograph('component');

      await page.goto(`${demo.url}/settings`);
      await page.getByText(PERSONA_NAMES[persona]).first().waitFor();
      await photograph('settings');
      await page.getByTestId('user-settings-menu').click();
      await page.getByText('Sign Out').click();

      await signInButton.waitFor();
      await page.reload();
      await signInButton.waitFor();
      expect(await page.getByText('Catalog').count()).toBe(0);
    },
  );
});
