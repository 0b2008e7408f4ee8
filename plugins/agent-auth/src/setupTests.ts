import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// The first test of a file loads the whole app, on a machine that runs other tests beside it.
configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(30_000);
