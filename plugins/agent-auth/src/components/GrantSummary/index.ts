export { GrantSummary } from './GrantSummary';
