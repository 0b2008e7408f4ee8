export { LifetimeSelect } from './LifetimeSelect';
