export { CentredPage } from './CentredPage';
export { Outcome } from './Outcome';
