/** APIs of model providers at which clients reach the proxy; each has a path of its own. @public */
export const API_NAMES = [
  'anthropic',
  'openai',
  'google-ai-studio',
  'compat',
] as const;

/** @public */
export type ApiName = (typeof API_NAMES)[number];

/** How a request to a model, and its answer, are written. @public */
export const WIRE_FORMATS = [
  /** `POST /v1/messages` of Anthropic. */
  'anthropic-messages',
  /** `POST /chat/completions` of OpenAI and whatever is compatible. */
  'openai-chat',
  /** `POST /responses` of OpenAI. */
  'openai-responses',
  /** `POST /completions`, the older one, which local servers still have. */
  'openai-completions',
  /** `POST /embeddings`. */
  'openai-embeddings',
  /** `:generateContent` and `:streamGenerateContent` of Gemini. */
  'google-generate',
  /** `:embedContent` and `:batchEmbedContents` of Gemini. */
  'google-embed',
] as const;

/** @public */
export type WireFormat = (typeof WIRE_FORMATS)[number];
