export { parseObject, readBody } from './readBody';
