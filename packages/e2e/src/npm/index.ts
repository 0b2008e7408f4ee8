export {
  DOWNLOAD_TIMEOUT_MS,
  provideFileFromNpm,
  provideFromNpm,
} from './provideFromNpm';
