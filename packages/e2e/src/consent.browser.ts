import type { Browser } from 'playwright-core';
import { openBrowser, signInAs, startVisit, Visit } from './browser';
import { useDemo } from './demo';
import { connectWithOAuth } from './oauth';

const demo = useDemo();

describe('the consent page', () => {
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

  it('lets a user give a client access, which then acts as that user', async () => {
    visit = await startVisit(browser, 'light');
    const { page, photograph } = visit;

    const client = await connectWithOAuth(demo.endpoint, async url => {
      await page.goto(url.href);
      await signInAs(page, { persona: 'grace' });

      await page.getByText('Backstage CLI', { exact: true }).waitFor();
      await page.getByText('openid offline_access').waitFor();
      await page.getByText(/^http:\/\/127\.0\.0\.1:\d+\/callback$/).waitFor();
      await photograph('consent');
      await page.getByRole('button', { name: 'Authorize' }).click();
    });

    await expect(client.ask('get_team')).resolves.toMatchObject({
      ref: 'group:default/ai-governance-team',
    });
    await client.close();
    await page.waitForURL(/127\.0\.0\.1:\d+\/callback/);
  });

  it('lets a user refuse, which the client is told', async () => {
    visit = await startVisit(browser, 'dark');
    const { page, photograph } = visit;

    await expect(
      connectWithOAuth(demo.endpoint, async url => {
        await page.goto(url.href);
        await signInAs(page, { persona: 'joan' });

        await page.getByText('Backstage CLI', { exact: true }).waitFor();
        await photograph('consent');
        await page.getByRole('button', { name: 'Cancel' }).click();
      }),
    ).rejects.toThrow('User denied the request');
  });
});
