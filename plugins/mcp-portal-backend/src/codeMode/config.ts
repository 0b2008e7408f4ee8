import { Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';
import {
  CodeModeOptions,
  DEFAULT_LIMITS,
  Limits,
} from '@prompt-corner/code-mode';

/** What `mcpPortal.codeMode` says, with defaults. */
export interface CodeModeConfig {
  sandbox: CodeModeOptions;
  /** For which code runs at most, without its waits. */
  wallMs: number;
  /** For which executions are kept. */
  keepMs: number;
  /** For which an execution that waits for a person can be resumed. */
  pausedMs: number;
}

const KEY = 'mcpPortal.codeMode';

/**
 * Reads the configuration of Code Mode; see `config.d.ts` for what each key means.
 *
 * @param options.production - then, code does not run without isolation unless configured
 * @throws InputError naming the key that cannot be used
 */
export function readCodeModeConfig(
  root: Config,
  options: { production: boolean },
): CodeModeConfig {
  const config = root.getOptionalConfig(KEY);
  const milliseconds = (key: string, fallback: number) => {
    if (!config?.has(key)) {
      return fallback;
    }
    const value = durationToMilliseconds(
      readDurationFromConfig(config, { key }),
    );
    if (!(value >= 60_000)) {
      throw new InputError(`${KEY}.${key} has to be at least a minute`);
    }
    return value;
  };
  const limits = config?.getOptional<Partial<Limits>>('limits');
  return {
    wallMs: limits?.wallMs ?? DEFAULT_LIMITS.wallMs,
    sandbox: {
      limits,
      processes: config?.getOptional('processes'),
      allowPlain:
        config?.getOptionalBoolean('allowPlain') ?? !options.production,
    },
    keepMs: milliseconds('retention', 30 * 24 * 60 * 60_000),
    pausedMs: milliseconds('resumable', 24 * 60 * 60_000),
  };
}
