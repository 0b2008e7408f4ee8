export { DOWNLOAD_TIMEOUT_MS, provideFromNpm } from './provideFromNpm';
