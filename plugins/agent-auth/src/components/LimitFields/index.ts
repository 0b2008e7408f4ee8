export { LimitFields } from './LimitFields';
