export { FramedNotice } from './FramedNotice';
