export * from './Format';
export { FORMATS } from './formats';
export * from './Told';
