export { isFramed } from './isFramed';
