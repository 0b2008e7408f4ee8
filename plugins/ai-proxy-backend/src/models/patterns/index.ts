export { ModelPatterns } from './ModelPatterns';
