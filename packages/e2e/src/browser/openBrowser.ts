import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Browser, BrowserContext, chromium, Page } from 'playwright-core';
import { fromRoot } from '../paths';

const DEFAULT_EXECUTABLE = '/usr/bin/chromium';
const TIMEOUT_MS = 20_000;
const MAX_CLOSE_MS = 10_000;
const SCREENSHOT_DIR = fromRoot('test-results/screenshots');

/** What a user prefers; the portal follows it. */
export type ColorScheme = 'light' | 'dark';

/** A window of a browser whose visitor has never been here before. */
export interface Visit {
  page: Page;
  /**
   * Keeps a picture of a page for people to look at, in `test-results/screenshots`.
   *
   * @param name - file name without color scheme and ending
   * @param of - default: the visit's first page
   */
  photograph(name: string, of?: Page): Promise<void>;
  /**
   * Closes the window.
   *
   * @throws Error when any page had an uncaught error or violated its content security policy
   */
  end(): Promise<void>;
}

/**
 * Starts Chromium without a window, with a fresh profile.
 * `CHROMIUM_PATH` names another one than /usr/bin/chromium.
 */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH || DEFAULT_EXECUTABLE,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Opens a window without cookies or storage. */
export async function startVisit(
  browser: Browser,
  colorScheme: ColorScheme,
): Promise<Visit> {
  const context = await browser.newContext({
    colorScheme,
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
  });
  context.setDefaultTimeout(TIMEOUT_MS);
  const problems = collectProblems(context);
  const page = await context.newPage();
  return {
    page,
    async photograph(name, of = page) {
      mkdirSync(SCREENSHOT_DIR, { recursive: true });
      await of.screenshot({
        path: resolve(SCREENSHOT_DIR, `${name}-${colorScheme}.png`),
        animations: 'disabled',
      });
    },
    async end() {
      // Now and then Chromium never says that it has; it ends with the browser then.
      await Promise.race([context.close(), delay(MAX_CLOSE_MS)]);
      if (problems.length > 0) {
        throw new Error(`The pages had problems:\n${problems.join('\n')}`);
      }
    },
  };
}

function collectProblems(context: BrowserContext): string[] {
  const problems: string[] = [];
  context.on('weberror', webError => {
    const error = webError.error();
    const where = webError.page()?.url();
    problems.push(`Uncaught at ${where}: ${error.stack ?? error.message}`);
  });
  context.on('console', message => {
    if (message.text().includes('Content Security Policy')) {
      problems.push(`At ${message.page()?.url()}: ${message.text()}`);
    }
  });
  return problems;
}
