export { listAnthropicModels, toAnthropicModel } from './anthropic';
export { listGeminiModels, toGeminiModel } from './gemini';
export { listModelsDev } from './modelsDev';
export { listOpenAiModels, toOpenAiModel } from './openai';
