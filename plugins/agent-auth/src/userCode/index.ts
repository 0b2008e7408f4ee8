export { formatUserCode, isCompleteUserCode } from './userCode';
