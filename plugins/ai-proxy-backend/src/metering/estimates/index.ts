export { InputEstimates } from './InputEstimates';
export { estimateTokens } from './estimateTokens';
export { TextEstimate } from './TextEstimate';
export { tokenizerFactor } from './tokenizerFactor';
