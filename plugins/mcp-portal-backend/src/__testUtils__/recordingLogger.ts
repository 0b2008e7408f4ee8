import type { RootLoggerService } from '@backstage/backend-plugin-api';

/** A logger that keeps everything that is logged. */
export function recordingLogger(): {
  logger: RootLoggerService;
  text(): string;
} {
  const lines: string[] = [];
  const write = (message: string, meta?: unknown) => {
    const error = meta instanceof Error ? `${meta.stack} ${meta.cause}` : '';
    lines.push(`${message} ${error} ${JSON.stringify(meta)}`);
  };
  const logger: RootLoggerService = {
    error: write,
    warn: write,
    info: write,
    debug: write,
    child: () => logger,
  };
  return { logger, text: () => lines.join('\n') };
}
