import { createHash } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { JsonObject } from '@backstage/types';
import {
  AgentConfig,
  ClientUrls,
  mergeConfig,
  OfferedModel,
  openCodeConfig,
  TOKEN_VARIABLE,
  validateOpenCodeConfig,
} from '@prompt-corner/agent-config';
import type { Instructions } from './Instructions';

/** On which system somebody signs in. */
export type Platform = 'posix' | 'windows';

/** A document as it is sent. */
export interface RenderedDocument {
  bytes: Buffer;
  /** With quotes. */
  etag: string;
}

/** Where the per-user part is, below the AI proxy. */
export const USER_PATH = '/discovery/opencode/user';

/**
 * What OpenCode reads before anything else, and each time that it starts: it
 * does not start without. So it is made in memory when something has changed,
 * and what was good stays when that fails.
 */
export class WellKnownDocument {
  readonly #options: {
    urls: ClientUrls;
    config: () => AgentConfig;
    isKnown: () => boolean;
    models: () => readonly OfferedModel[];
    instructions: Instructions;
    loginCommand?: string[];
    logger: LoggerService;
  };
  #made: { config: AgentConfig; models: readonly OfferedModel[] } | undefined;
  #rendered: Record<Platform, RenderedDocument>;

  /**
   * @param options.isKnown - whether that is what the sources have, or had
   * @param options.models - returns the same array until something has changed
   * @param options.loginCommand - in place of the login script
   */
  constructor(options: {
    urls: ClientUrls;
    config: () => AgentConfig;
    isKnown: () => boolean;
    models: () => readonly OfferedModel[];
    instructions: Instructions;
    loginCommand?: string[];
    logger: LoggerService;
  }) {
    this.#options = options;
    this.#rendered = this.#render({});
  }

  /** Whether it has all that belongs to it, so that it may be kept. */
  get isWhole(): boolean {
    return this.#options.isKnown();
  }

  /** The document now. Never fails. */
  current(platform: Platform): RenderedDocument {
    try {
      const config = this.#options.config();
      const models = this.#options.models();
      if (this.#made?.config !== config || this.#made.models !== models) {
        this.#made = { config, models };
        this.#rendered = this.#render(this.#openCodeConfig(config, models));
      }
    } catch (error) {
      this.#options.logger.error(
        `The configuration of OpenCode stays as it was, as the new one cannot be made: ${error}`,
      );
    }
    return this.#rendered[platform];
  }

  #openCodeConfig(
    { organisation, teams }: AgentConfig,
    models: readonly OfferedModel[],
  ): JsonObject {
    const { urls, instructions, logger } = this.#options;
    for (const team of Object.values(teams)) {
      // Another replica may tell their URLs, and this one is asked for the text.
      instructions.publish(team);
    }
    const published = instructions.publish(organisation);
    const write = (offered: readonly OfferedModel[]) =>
      mergeConfig(
        openCodeConfig(organisation, {
          urls,
          models: offered,
          tokenVariable: TOKEN_VARIABLE,
        }),
        published.length > 0 ? { instructions: published } : {},
      );
    const config = write(models);
    const faults = validateOpenCodeConfig(config);
    if (faults.length === 0) {
      return config;
    }
    // The sources were checked, so it is what the catalogue says of a model.
    const bad = new Set(
      faults
        .filter(({ path }) => path[0] === 'provider' && path[2] === 'models')
        .map(({ path }) => path[3]),
    );
    logger.warn(
      `OpenCode would not accept some models, which it does not get: ${faults
        .map(({ message }) => message)
        .join('; ')}`,
    );
    const without = write(models.filter(({ id }) => !bad.has(id)));
    const [left] = validateOpenCodeConfig(without);
    if (left) {
      throw new Error(left.message);
    }
    return without;
  }

  #render(config: JsonObject): Record<Platform, RenderedDocument> {
    const { urls, loginCommand } = this.#options;
    const write = (command: string[]): RenderedDocument => {
      const bytes = Buffer.from(
        JSON.stringify({
          auth: { command: loginCommand ?? command, env: TOKEN_VARIABLE },
          config,
          remote_config: {
            url: `${urls.baseURL}${USER_PATH}`,
            headers: { Authorization: `Bearer {env:${TOKEN_VARIABLE}}` },
          },
        }),
      );
      const digest = createHash('sha256').update(bytes).digest('base64url');
      return { bytes, etag: `"${digest.slice(0, 22)}"` };
    };
    return {
      posix: write([
        'sh',
        '-c',
        // Not a pipe, as that would hide that the script could not be had.
        `script=$(curl -fsS '${urls.issuer}/login.sh') && sh -c "$script"`,
      ]),
      windows: write([
        'powershell',
        '-NoProfile',
        '-Command',
        `& ([scriptblock]::Create((Invoke-RestMethod '${urls.issuer}/login.ps1')))`,
      ]),
    };
  }
}
