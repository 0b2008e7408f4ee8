export {
  fromGrantLimits,
  limitsOf,
  noLimits,
  toGrantLimits,
} from './LimitInput';
export type { LimitInput, LimitName } from './LimitInput';
