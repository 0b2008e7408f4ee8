export { ConsentPage } from './ConsentPage';
