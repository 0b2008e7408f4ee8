export { estimateInput } from './estimateInput';
export { estimateTokens } from './estimateTokens';
export { TextEstimate } from './TextEstimate';
export { tokenizerFactor } from './tokenizerFactor';
