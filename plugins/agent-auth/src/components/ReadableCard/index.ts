export { ReadableCard } from './ReadableCard';
