export { PersonalTokensPage } from './PersonalTokensPage';
