import {
  ConflictError,
  InputError,
  NotAllowedError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { errors } from 'oidc-provider';
import { toClientError } from './clientErrors';

describe('an error about a client', () => {
  it.each([
    new ConflictError('x is known as a user'),
    new InputError('x is wrong'),
    new NotAllowedError('x is not allowed'),
    new NotFoundError('x is gone'),
  ])('that is the fault of the client tells it: %s', cause => {
    const error = toClientError(cause);
    expect(error).toBeInstanceOf(errors.InvalidClient);
    expect(error).toMatchObject({
      status: 400,
      expose: true,
      error: 'invalid_client',
      error_description: cause.message,
      cause,
    });
  });

  it('that will pass asks for another attempt', () => {
    const error = toClientError(new ServiceUnavailableError('try again'));
    expect(error).toMatchObject({
      status: 503,
      statusCode: 503,
      expose: true,
      error: 'temporarily_unavailable',
      error_description: 'try again',
    });
  });

  it.each([new Error('select * from secrets'), 'text', undefined])(
    'that is the fault of the portal stays as it is: %s',
    error => {
      expect(toClientError(error)).toBe(error);
    },
  );
});
