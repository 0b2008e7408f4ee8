import type { Detector } from '../Detector';
import { vendorToken } from './vendorToken';

/** Keys of model providers. Shapes are from the vendors' own documentation. */
export const MODEL_TOKENS: Detector[] = [
  vendorToken({
    name: 'anthropic-key',
    what: 'API, admin and OAuth keys of Anthropic',
    anchors: ['sk-ant-'],
    token: 'sk-ant-[a-z0-9]{3,12}-[A-Za-z0-9_-]{24,200}',
    prefixLength: 7,
  }),
  vendorToken({
    name: 'openai-key',
    what: 'keys of OpenAI: project, service account, admin and legacy',
    anchors: ['sk-'],
    token:
      'sk-(?:proj|svcacct|admin|service)-[A-Za-z0-9_-]{20,250}|sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}|sk-[A-Za-z0-9]{48}',
    prefixLength: 3,
    minEntropy: 3.2,
  }),
  vendorToken({
    name: 'openrouter-key',
    what: 'keys of OpenRouter',
    anchors: ['sk-or-v1-'],
    token: 'sk-or-v1-[0-9a-f]{64}',
    prefixLength: 9,
  }),
  vendorToken({
    name: 'huggingface-token',
    what: 'tokens of Hugging Face',
    anchors: ['hf_', 'api_org_'],
    token: 'hf_[A-Za-z0-9]{30,40}|api_org_[A-Za-z0-9]{34}',
    prefixLength: 3,
    minEntropy: 3.2,
  }),
  vendorToken({
    name: 'model-provider-key',
    what: 'keys of Groq, xAI, Perplexity, Replicate, Fireworks, Cerebras and Tavily',
    anchors: ['gsk_', 'xai-', 'pplx-', 'r8_', 'fw_', 'csk-', 'tvly-'],
    token:
      'gsk_[A-Za-z0-9]{48,56}|xai-[A-Za-z0-9]{70,90}|pplx-[A-Za-z0-9]{40,56}|r8_[A-Za-z0-9]{37}|fw_[A-Za-z0-9]{22,24}|csk-[a-z0-9]{40,56}|tvly-(?:dev-|prod-)?[A-Za-z0-9_-]{24,64}',
    prefixLength: 3,
    minEntropy: 3.2,
  }),
];
