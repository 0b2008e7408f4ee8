export { CallerTokens } from './CallerTokens';
