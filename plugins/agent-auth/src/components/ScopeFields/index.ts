export { ScopeFields } from './ScopeFields';
