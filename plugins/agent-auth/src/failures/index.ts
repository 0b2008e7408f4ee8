export { isGone, statusOf, waitSecondsOf } from './failures';
