import { compileFields } from '../json';
import { Format, ToldUsage } from './Format';
import { openaiTokens } from './openaiTokens';
import type { Told } from './Told';

/** `POST /embeddings`. Nothing is written, whatever `total_tokens` says. */
export const openaiEmbeddings: Format = {
  fields: compileFields({
    id: { keep: 'id' },
    model: { keep: 'model' },
    usage: { keep: 'usage' },
    error: { keep: 'error' },
  }),

  read(told: Told): ToldUsage {
    const usage = told.object('usage');
    return {
      tokens: usage && {
        ...openaiTokens(usage),
        outputTokens: 0,
        reasoningTokens: 0,
      },
      final: usage !== undefined,
      finalAtEnd: usage !== undefined,
    };
  },
};
