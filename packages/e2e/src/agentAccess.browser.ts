import type { Browser, Page } from 'playwright-core';
import {
  NARROW,
  openBrowser,
  scrollsSideways,
  signInAs,
  startVisit,
  Visit,
} from './browser';
import { eventually, Persona, recordedClaims, useDemo } from './demo';
import { CLIENT_NAME, connectWithOAuth } from './oauth';

/** After a revocation, tokens may work for so long. */
const REVOCATION_MS = 5_000;

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

const demo = useDemo();

describe('the pages of agent access', () => {
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

  async function connectionNamed(persona: Persona, name: string): Promise<any> {
    const response = await fetch(`${demo.issuer}/connections`, {
      headers: { authorization: `Bearer ${await demo.signIn(persona)}` },
    });
    const { items } = await response.json();
    return items.find((item: { name: string }) => item.name === name);
  }

  async function openConsent(url: URL, persona: Persona): Promise<Page> {
    const { page } = visit;
    await page.goto(url.href);
    await signInAs(page, { persona });
    await page
      .getByRole('heading', { name: `${CLIENT_NAME} asks for access` })
      .waitFor();
    return page;
  }

  it('let a user narrow the access of a client, see it, and take it back', async () => {
    const name = 'Editor on the laptop';
    visit = await startVisit(browser, 'light');
    const { page, photograph } = visit;

    const client = await connectWithOAuth(demo.endpoint, {
      openBrowser: async url => {
        await openConsent(url, 'grace');
        await page.getByText('A program on this computer').first().waitFor();
        await page.getByText('Grace Tanaka (user:default/grace)').waitFor();
        await page.getByRole('button', { name: /For how long/ }).click();
        await page.getByRole('option', { name: '8 hours' }).click();
        await page.getByLabel('Name of the connection').fill(name);
        await photograph('agent-consent');
        await page.getByRole('button', { name: 'Approve' }).click();
      },
    });
    await expect(client.ask('get_team')).resolves.toMatchObject({
      ref: 'group:default/ai-governance-team',
    });
    const connection = await connectionNamed('grace', name);
    expect(
      Date.parse(connection.expiresAt) - Date.parse(connection.createdAt),
    ).toBe(8 * 60 * 60_000);
    expect(recordedClaims(demo, connection.id)).toEqual({
      amr: ['pwd'],
      acr: 'urn:example:password',
      authTime: expect.any(Number),
    });

    await page.goto(`${demo.url}/agent-auth/connections`);
    const card = page.getByRole('article', { name });
    await card.getByText(/Read the catalog|catalog:read/).waitFor();
    await photograph('agent-connections');
    await card.getByRole('button', { name: `Revoke ${name}` }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: 'Revoke' })
      .click();
    await card.waitFor({ state: 'detached' });

    const { access_token: token } = client.auth.tokens()!;
    await eventually(
      async () => {
        const { status } = await fetch(demo.endpoint, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
        });
        return status;
      },
      {
        what: 'refusal of the revoked token',
        isWanted: status => status === 401,
        timeoutMs: REVOCATION_MS,
      },
    );
    await client.close();
  });

  it('let a user refuse, which the client is told', async () => {
    visit = await startVisit(browser, 'dark');

    await expect(
      connectWithOAuth(demo.endpoint, {
        openBrowser: async url => {
          const page = await openConsent(url, 'joan');
          await visit.photograph('agent-consent');
          await page.getByRole('button', { name: 'Deny' }).click();
        },
      }),
    ).rejects.toThrow(/access_denied|the user refused/);
  });

  it('let a user approve with nothing but the keyboard', async () => {
    visit = await startVisit(browser, 'light');
    const client = await connectWithOAuth(demo.endpoint, {
      openBrowser: async url => {
        const page = await openConsent(url, 'ada');
        const approve = page.getByRole('button', { name: 'Approve' });
        await page.locator('button:enabled', { hasText: 'Approve' }).waitFor();
        const isFocused = () =>
          approve.evaluate(button => button === document.activeElement);
        for (let tabs = 0; !(await isFocused()); tabs++) {
          expect(tabs).toBeLessThan(60);
          await page.keyboard.press('Tab');
        }
        await page.keyboard.press('Enter');
      },
    });

    await expect(client.ask('get_team')).resolves.toMatchObject({
      ref: 'group:default/platform-team',
    });
    await client.close();
  });

  it('let a user sign a device in, and fit on a telephone', async () => {
    visit = await startVisit(browser, 'light');
    const { page, photograph } = visit;
    const post = async (path: string, body: Record<string, string>) => {
      const response = await fetch(`${demo.issuer}/oauth/${path}`, {
        method: 'POST',
        body: new URLSearchParams({
          client_id: 'prompt-corner-login',
          ...body,
        }),
      });
      return response.json();
    };
    const device = await post('device_authorization', { scope: 'models:use' });

    await page.setViewportSize(NARROW);
    await page.goto(device.verification_uri_complete);
    await signInAs(page, { persona: 'linus' });
    const code = page.getByLabel('Code', { exact: true });
    await code.waitFor();
    expect(await code.inputValue()).toBe(device.user_code);
    expect(await scrollsSideways(page)).toEqual([]);
    await photograph('agent-device');

    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Only continue if you started this').waitFor();
    await page.getByText(device.user_code).waitFor();
    await page.getByRole('textbox', { name: 'Models' }).fill('claude-*');
    await page.getByRole('textbox', { name: 'Budget for a day' }).fill('5');
    await page.getByLabel('Name of the connection').fill('Build server');
    expect(await scrollsSideways(page)).toEqual([]);
    await photograph('agent-device-consent');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { name: 'Approved' }).waitFor();

    const tokens = await post('token', {
      grant_type: DEVICE_GRANT,
      device_code: device.device_code,
    });
    expect(tokens.scope).toBe('models:use');
    expect(await connectionNamed('linus', 'Build server')).toMatchObject({
      grantType: 'device_code',
      limits: { models: ['claude-*'], budgetUsdPerDay: 5 },
    });

    for (const tab of ['connections', 'tokens']) {
      await page.goto(`${demo.url}/agent-auth/${tab}`);
      await page
        .getByRole('article', { name: 'Build server' })
        .or(page.getByRole('button', { name: /token/i }))
        .first()
        .waitFor();
      expect(await scrollsSideways(page)).toEqual([]);
      await photograph(`agent-${tab}-narrow`);
    }
  });
});
