import type { Result, StandardSchemaV1 } from '@modelcontextprotocol/client';

/** Takes any result as it came: what the portal does not know, it passes on. */
export const ANY_RESULT: StandardSchemaV1<Result> = {
  '~standard': {
    version: 1,
    vendor: 'prompt-corner',
    validate: value => ({ value: value as Result }),
  },
};
