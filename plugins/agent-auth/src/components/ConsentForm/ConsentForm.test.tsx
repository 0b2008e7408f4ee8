import { identityApiRef } from '@backstage/frontend-plugin-api';
import { mockApis, TestApiProvider } from '@backstage/frontend-test-utils';
import { act, fireEvent, render, screen } from '@testing-library/react';
import { MemoryRouter } from 'react-router-dom';
import { consentRequest } from '../../__testUtils__';
import { ConsentForm } from './ConsentForm';

describe('the consent form', () => {
  beforeEach(() => jest.useFakeTimers());

  afterEach(() => jest.useRealTimers());

  function renderForm(onApprove: jest.Mock) {
    render(
      <MemoryRouter>
        <TestApiProvider apis={[[identityApiRef, mockApis.identity()]]}>
          <ConsentForm
            request={consentRequest()}
            onApprove={onApprove}
            onDeny={() => {}}
          />
        </TestApiProvider>
      </MemoryRouter>,
    );
    return screen.getByRole('button', { name: 'Approve' });
  }

  it('takes no approval in the first half second', async () => {
    const onApprove = jest.fn();
    const button = renderForm(onApprove);

    await act(() => jest.advanceTimersByTimeAsync(499));
    expect(button).toBeDisabled();
    fireEvent.click(button);
    expect(onApprove).not.toHaveBeenCalled();

    await act(() => jest.advanceTimersByTimeAsync(1));
    expect(button).toBeEnabled();
    fireEvent.click(button);
    expect(onApprove).toHaveBeenCalledTimes(1);
  });

  it('takes none in the half second after something that hid it is gone', async () => {
    const onApprove = jest.fn();
    const button = renderForm(onApprove);
    await act(() => jest.advanceTimersByTimeAsync(10_000));
    act(() => {
      window.dispatchEvent(new Event('focus'));
    });
    fireEvent.click(button);
    expect(onApprove).not.toHaveBeenCalled();
    await act(() => jest.advanceTimersByTimeAsync(500));
    fireEvent.click(button);
    expect(onApprove).toHaveBeenCalledTimes(1);
  });
});
